"""The declared requests of an app in a browser: described, and made from there."""
