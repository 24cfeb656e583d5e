"""Compare fasterapi with other frameworks: `python benchmarks/compare.py --direct` (see README.md beside this file)."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from benchmarks.command_line import main

    sys.exit(main())
