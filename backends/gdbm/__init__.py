"""GDBM, read on any machine with our own code: layouts, reading, salvage, writing, dumps."""
