"""Which packages and modules of a project's folder are its own, and become importable."""
