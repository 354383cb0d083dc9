"""Kills, failing system calls, power cuts and crowds, for every flavour that a catalog can have."""
