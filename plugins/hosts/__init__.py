"""Hosts: which projects they get, made importable, loaded in order, and reported on."""
