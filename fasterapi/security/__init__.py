"""Security schemes as dependencies."""
