"""What goes together with packages of others: one module for each of them, which it needs and nothing else here does."""
