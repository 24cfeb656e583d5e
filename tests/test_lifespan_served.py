"""The lifespan under a real server: what fails stops it, and is told with its traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import pytest

PROGRAM: Final = """
from fasterapi import Faster, FasterRouter

def connect_to_database():
    raise OSError("no database")

router = FasterRouter(on_startup=[lambda: print("router began", flush=True)], on_shutdown=[lambda: print("router ended", flush=True)])
app = Faster()
app.include_router(router)
app.add_event_handler("%s", connect_to_database)
"""

SERVE: Final = [sys.executable, "-m", "uvicorn", "program:app", "--port", "0", "--http", "fasterapi.server:HttpProtocol"]


def serve(folder: Path, event: str) -> subprocess.Popen[str]:
    (folder / "program.py").write_text(PROGRAM % event)
    return subprocess.Popen(
        SERVE, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )


def test_a_failing_start_stops_the_server_with_its_traceback(tmp_path: Path) -> None:
    server = serve(tmp_path, "startup")
    out, log = server.communicate(timeout=60)
    assert server.returncode == 3
    assert "in connect_to_database" in log
    assert "OSError: no database" in log
    assert out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way there")
def test_a_failing_end_is_told_with_its_traceback_and_ends_the_others(tmp_path: Path) -> None:
    server = serve(tmp_path, "shutdown")
    watchdog = threading.Timer(60, server.kill)
    watchdog.start()
    assert server.stderr is not None
    log = ""
    for line in server.stderr:
        log += line
        if "Application startup complete" in line:
            server.send_signal(signal.SIGTERM)
    watchdog.cancel()
    out, _ = server.communicate(timeout=60)
    assert "in connect_to_database" in log
    assert "OSError: no database" in log
    assert out.split("\n") == ["router began", "router ended", ""]
