"""What `plugreg doctor` looks at and mends; imported only by that."""
