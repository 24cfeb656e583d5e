"""Exchanges, requests and responses."""
