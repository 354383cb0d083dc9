"""Moving a database from one flavour into another: copied, compared, then swapped in."""
