from __future__ import annotations

from pathlib import Path

import pytest

from fasterapi.check.application import TargetError, load_application


def refusal(target: str) -> str:
    with pytest.raises(TargetError) as refused:
        load_application(target)
    return str(refused.value)


def test_an_application_is_found_by_module_and_name(folder: Path) -> None:
    (folder / "main.py").write_text("from fasterapi import Faster\napp = Faster()\n")
    assert load_application("main:app").router.declarations() == []


def test_an_application_is_found_in_a_package_and_an_attribute(folder: Path) -> None:
    (folder / "shop").mkdir()
    (folder / "shop/main.py").write_text("from fasterapi import Faster\nclass Applications:\n    app = Faster()\n")
    assert load_application("shop.main:Applications.app").router.declarations() == []


def test_an_application_is_found_in_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "inner").mkdir()
    (folder / "inner/below.py").write_text("from fasterapi import Faster\napp = Faster()\n")
    monkeypatch.chdir(folder / "inner")
    assert load_application("below:app").router.declarations() == []


@pytest.mark.parametrize("target", ["main", "main:", ":app", ""])
def test_a_target_names_module_and_application(target: str) -> None:
    assert refusal(target) == f"{target!r} names no application. Write module:app, as in main:app or shop.main:app."


@pytest.mark.parametrize(("target", "missing"), [("nowhere:app", "nowhere"), ("empty.nowhere:app", "empty.nowhere")])
def test_a_missing_module_is_told(folder: Path, target: str, missing: str) -> None:
    (folder / "empty").mkdir()
    assert refusal(target) == f"there is no module {missing!r} here. Run this in the folder that holds it, or set PYTHONPATH."


def test_a_module_that_misses_another_is_told(folder: Path) -> None:
    (folder / "needy.py").write_text("import nowhere\n")
    assert refusal("needy:app").startswith("needy cannot be imported: ModuleNotFoundError: No module named 'nowhere'. Install it")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("raise ValueError('first\\nsecond')", "ValueError: first"),
        ("raise KeyError", "KeyError"),
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("def (", "SyntaxError: invalid syntax (failing.py, line 1)"),
    ],
)
def test_a_module_that_fails_is_told_in_one_line(folder: Path, text: str, told: str) -> None:
    (folder / "failing.py").write_text(text)
    assert refusal("failing:app") == f"failing cannot be imported: {told}. Run with --traceback to see where."


def test_a_missing_attribute_is_told(folder: Path) -> None:
    (folder / "main.py").write_text("")
    assert refusal("main:app").startswith("main has no 'app'.")


def test_another_object_is_told(folder: Path) -> None:
    (folder / "main.py").write_text("class App:\n    app = 5\n")
    assert refusal("main:App.app") == "main.App.app is no application, but of type int. Write the name of a Faster() object."
