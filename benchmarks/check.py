"""Compare the instructions of the key paths with the figures in `results/instructions.json`: `make bench-check` (see README.md)."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from benchmarks.instruction_check import main

    sys.exit(main())
