"""The examples of the documentation are programs that can be pasted."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.checkouts import CHECKOUT

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_examples_of_the_page_declare_what_they_say() -> None:
    names: dict[str, object] = {"__name__": "page"}
    for block in BLOCK.findall((CHECKOUT / "docs" / "client.md").read_text()):
        if "with Session" in block or "import shop" in block:
            # These speak to servers that are not there, so that they can only be read.
            compile(block, "client.md", "exec", flags=0x2000, dont_inherit=True)  # with `await` at the top
            continue
        exec(compile(block, "client.md", "exec", dont_inherit=True), names)
    app = names["app"]
    assert hasattr(app, "operations")


@pytest.mark.filterwarnings("ignore")
def test_the_example_runs() -> None:
    command = [sys.executable, str(CHECKOUT / "examples" / "client.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert answer.stdout.splitlines() == ["Ada 404", "['Ada', 'Grace']"], answer.stderr
