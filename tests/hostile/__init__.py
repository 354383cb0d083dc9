"""What strangers could hand over: named pickles and archives, tried by command."""
