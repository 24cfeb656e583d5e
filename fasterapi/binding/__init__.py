"""What handlers ask for: markers, signatures, conversion, the dependency graph and its execution."""
