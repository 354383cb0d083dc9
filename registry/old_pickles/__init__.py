"""Pickles of Python 2, rewritten for Python 3 without building or running anything in them."""
