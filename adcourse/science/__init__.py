"""What derivatives are for: each module small, and built on the public names and the core."""
