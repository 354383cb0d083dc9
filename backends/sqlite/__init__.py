"""Catalogs in SQLite files: connecting, reading, writing, waiting, salvage, and the errors."""
