"""Tests of reading, salvaging and writing GDBM."""
