"""The two files of `dbm.dumb`: the index, the store over both, salvage, writing them anew."""
