from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.static_paths import leads_below, path_below, relative_path


@pytest.mark.parametrize(
    ("path", "relative"), [("", "."), ("/", "."), ("/a/b.txt", "a/b.txt"), ("//a//./b/", "a/b"), ("/a/../b", "a/../b")]
)
def test_empty_parts_of_a_path_say_nothing(path: str, relative: str) -> None:
    assert relative_path(path) == relative


@pytest.mark.parametrize("path", [".", "a", "a/b.txt", "a.b/c d", "..a", "a..", "...", "~root", "$HOME", "%2e%2e/a", "日本語", "a:b"])
def test_names_lead_below(path: str) -> None:
    assert leads_below(path, windows=False)


@pytest.mark.parametrize(
    "path", ["..", "../a", "a/..", "a/../b", "/etc/passwd", "//host/share", "\\\\host\\share", "..\\a", "a\\..\\b", "a\0", "a\\b"]
)
def test_what_may_lead_elsewhere_does_not(path: str) -> None:
    assert not leads_below(path, windows=False)
    assert not leads_below(path, windows=True)


@pytest.mark.parametrize(
    "path", ["C:", "C:/a", "c:a", "a.txt::$DATA", "NUL", "nul.txt", "a/COM1", "con .txt", "LPT¹", "CONIN$", "a.", "a ", "a./b", ".. /a"]
)
def test_cve_2026_48818_windows_names_of_something_else(path: str) -> None:
    assert not leads_below(path, windows=True)


@pytest.mark.parametrize("path", [".", "a/b.txt", ".hidden", "console", "null.txt", "COM", "COM10", "a.b.c"])
def test_windows_names(path: str) -> None:
    assert leads_below(path, windows=True)


PARTS = st.one_of(
    st.sampled_from(["..", ".", "", "a", "link", "out", "loop", "sibling", "%2e%2e", "..\\..", "\0", "~", "C:", "x" * 300]),
    st.text(max_size=5),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with links inside it, out of it and in a circle, a directory whose name begins with its name, and secrets."""
    outside = tmp_path_factory.mktemp("outside")
    root = outside / "root"
    (root / "a").mkdir(parents=True)
    (root / "a" / "file").touch()
    (outside / "root-sibling").mkdir()
    (outside / "secret").touch()
    (root / "link").symlink_to("a")
    (root / "out").symlink_to("..")
    (root / "sibling").symlink_to(outside / "root-sibling")
    (root / "loop").symlink_to("loop")
    return root


@given(parts=st.lists(PARTS, max_size=6), before=st.sampled_from(["", "/", "//"]))
def test_no_path_leaves_the_root(tree: Path, parts: list[str], before: str) -> None:
    path = relative_path(before + "/".join(parts))
    if not leads_below(path):
        return
    root = Path(os.path.realpath(tree))
    try:
        found = path_below(str(tree), path, follow_symlink=False)
    except (OSError, ValueError):
        return
    assert found is None or Path(os.path.realpath(found)).is_relative_to(root)
    followed = path_below(str(tree), path, follow_symlink=True)
    assert followed is not None
    assert Path(os.path.normpath(followed)).is_relative_to(tree)


def test_a_link_within_the_root_is_followed(tree: Path) -> None:
    assert path_below(str(tree), "link/file", follow_symlink=False) == os.path.realpath(tree / "a" / "file")


@pytest.mark.parametrize("path", ["out", "out/secret", "sibling", "link/../../secret"])
def test_cve_2024_23334_a_link_out_of_the_root_is_not_followed(tree: Path, path: str) -> None:
    assert path_below(str(tree), path, follow_symlink=False) is None


def test_a_link_out_of_the_root_is_followed_where_it_is_allowed(tree: Path) -> None:
    assert path_below(str(tree), "out/secret", follow_symlink=True) == str(tree / "out" / "secret")


def test_cve_2023_29159_a_sibling_whose_name_begins_with_the_roots(tree: Path) -> None:
    assert path_below(str(tree), "../root-sibling", follow_symlink=False) is None


def test_the_root_is_below_itself(tree: Path) -> None:
    assert path_below(str(tree), ".", follow_symlink=False) == os.path.realpath(tree)
