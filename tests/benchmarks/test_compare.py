"""The comparison measures only contenders that keep the contract, and says so of those that do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

import fasterapi

CHECKOUT: Final = Path(__file__).parent.parent.parent
ENDPOINTS: Final = ["json", "params", "body", "deps", "bounds", "ten", "faults"]
OURS: Final = "fasterapi" if fasterapi.COMPILED else "fasterapi-pure"


def compare(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the comparison as its README says."""
    command = [sys.executable, str(CHECKOUT / "benchmarks" / "compare.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one short run wrote."""
    path = tmp_path_factory.mktemp("results") / "direct.json"
    finished = compare("--direct", "--only", f"{OURS},raw", "--rounds", "1", "--requests", "5", "--json", str(path))
    assert finished.returncode == 0, finished.stderr
    return json.loads(path.read_text())


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `benchmarks` be imported, with the checkout last on the path."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(CHECKOUT)])


@pytest.mark.parametrize("name", [OURS, "raw"])
def test_contender_keeps_the_contract(report: Any, name: str) -> None:
    assert set(report["tables"][0]["rows"][name]) == set(ENDPOINTS)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_fasterapi_checks_and_does_nothing_by_hand(report: Any, endpoint: str) -> None:
    assert report["tables"][0]["rows"][OURS][endpoint]["marks"] == []


def test_hand_written_work_is_marked(report: Any) -> None:
    assert report["tables"][0]["rows"]["raw"]["deps"]["marks"] == ["h"]


def test_sources_are_not_measured_as_the_compiled_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    assert "WrongBuildError" in compare("--direct", "--only", "fasterapi").stderr


def test_unknown_contender_is_named() -> None:
    assert "no contender flask" in compare("--direct", "--only", "flask").stderr


@pytest.mark.usefixtures("importable")
def test_what_a_contender_cannot_do_is_left_out_and_what_it_does_in_part_is_marked() -> None:
    from benchmarks.conduct import marks_of, observe
    from benchmarks.contract import FAULTS, Answer

    assert observe([FAULTS], [], lambda request: Answer(500, b""))["absent"] == ["faults"]
    assert marks_of(observe([FAULTS], [], lambda request: Answer(422, b"shelf, limit, price")), FAULTS) == ()
    assert marks_of(observe([FAULTS], [], lambda request: Answer(404, b"shelf")), FAULTS) == ("1",)


@pytest.mark.usefixtures("importable")
def test_wrong_answer_is_not_measured() -> None:
    from benchmarks.contract import PARAMETERS, Answer, WrongAnswerError, verify

    with pytest.raises(WrongAnswerError, match="/users/1"):
        verify(PARAMETERS, lambda request: Answer(200, b'{"user_id": "1"}'))


@pytest.mark.usefixtures("importable")
def test_breaking_on_a_wrong_value_is_no_check() -> None:
    from benchmarks.contract import Answer, Endpoint, Request, Sample, verify

    endpoint = Endpoint("numbers", "numbers", timed=(Sample(Request("GET", "/1"), 1),), refused=(Request("GET", "/one"),))
    assert not verify(endpoint, lambda request: Answer(200, b"1") if request.path == "/1" else Answer(500, b""))
