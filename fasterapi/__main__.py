"""`python -m fasterapi`: the command line, for where its script is not on the PATH."""

# Interpreted: the interpreter runs a main module only from its source.

from __future__ import annotations

import sys

from fasterapi.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
