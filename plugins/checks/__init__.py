"""What `plugreg check` looks at; imported only by that."""
