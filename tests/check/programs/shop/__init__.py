"""A package that imports its own modules by relative paths."""
