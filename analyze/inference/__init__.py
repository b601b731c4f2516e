"""Arrays in, numbers out. Imports nothing of this project."""
