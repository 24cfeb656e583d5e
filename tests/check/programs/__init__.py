"""Applications for `fasterapi check`: right ones, and wrong ones with a file beside them that holds what is said of each."""
