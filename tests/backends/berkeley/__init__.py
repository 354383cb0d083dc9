"""Tests of the Berkeley DB family."""
