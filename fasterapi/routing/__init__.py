"""Paths, the tree that matches them, routes and routers."""
