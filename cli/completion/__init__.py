"""What a shell is told while somebody types: commands, options, names. Typer is not imported."""
