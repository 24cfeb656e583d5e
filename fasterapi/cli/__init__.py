"""The command line: `fasterapi` and `python -m fasterapi`."""
