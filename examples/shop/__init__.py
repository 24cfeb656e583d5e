"""A shop: what a project of several files looks like. Its README says what is where."""
