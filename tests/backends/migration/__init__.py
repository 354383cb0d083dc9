"""Migration: every flavour into every other, whatever happens on the way."""
