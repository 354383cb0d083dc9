"""Pickles made by chance, led by what of the readers they reach."""
