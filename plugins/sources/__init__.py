"""The built-in kinds of sources, one module each, and the rooms that they share."""
