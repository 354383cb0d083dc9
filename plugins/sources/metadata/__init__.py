"""What a project says of itself: one module for each file that says it, and the facts of it all."""
