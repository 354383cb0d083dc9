"""`plugreg run`: what the host of a command finds in its environment, and what it does there."""
