from __future__ import annotations

from pathlib import Path

import pytest

from tests.migrate.samples import migrated


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from fastapi import Depends, Query", "from fasterapi import Depends, Query"),
        ("from fastapi import FastAPI\napp = FastAPI()", "from fasterapi import Faster\napp = Faster()"),
        ("from fastapi import FastAPI as Api\napp = Api()", "from fasterapi import FastAPI as Api\napp = Api()"),
        ("import fastapi\napp = fastapi.FastAPI()", "import fasterapi\napp = fasterapi.Faster()"),
        ("import fastapi as web\napp = web.FastAPI()", "import fasterapi as web\napp = web.FastAPI()"),
        ("from fastapi import status as codes", "from fasterapi import status as codes"),
        ("from fastapi import responses", "from fasterapi import responses"),
        ("from starlette.responses import JSONResponse", "from fasterapi.responses import JSONResponse"),
        ("import starlette.status as status", "import fasterapi.status as status"),
        (
            "from fastapi import (\n    Path,  # of the URL\n    Query,\n)",
            "from fasterapi import (\n    Path,  # of the URL\n    Query,\n)",
        ),
        ("def f():\n    from fastapi import Depends", "def f():\n    from fasterapi import Depends"),
        ("if x:\n    from fastapi import Depends  # kept", "if x:\n    from fasterapi import Depends  # kept"),
    ],
)
def test_imports_are_swapped(tmp_path: Path, before: str, after: str) -> None:
    assert migrated(tmp_path, f"{before}\n") == (f"{after}\n", [])


@pytest.mark.parametrize(
    "source",
    [
        'from fastapi import FastAPI\ndef make() -> "FastAPI":\n    return FastAPI()\n',
        "from fastapi import FastAPI\nclass Faster: ...\napp = FastAPI()\n",
    ],
)
def test_a_name_is_kept_where_another_would_not_do(tmp_path: Path, source: str) -> None:
    assert migrated(tmp_path, source) == (source.replace("fastapi", "fasterapi"), [])


def test_keywords_and_attributes_keep_their_names(tmp_path: Path) -> None:
    source = "from fastapi import FastAPI\nmake(FastAPI=FastAPI, other=x.FastAPI)\n"
    assert migrated(tmp_path, source)[0] == "from fasterapi import Faster\nmake(FastAPI=Faster, other=x.FastAPI)\n"


def test_names_that_are_missing_here_stay_and_are_told(tmp_path: Path) -> None:
    after, found = migrated(tmp_path, "x = 1\nfrom fastapi import Depends, Invented\n")
    assert after == "x = 1\nfrom fasterapi import Depends\nfrom fastapi import Invented\n"
    assert found == ["2: fasterapi has nothing in the place of fastapi.Invented"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("from fastapi import *\n", "1: `from fastapi import *` was left: import the names that are used"),
        ("import fastapi.invented\n", "1: fasterapi has no module in the place of fastapi.invented"),
        (
            "import starlette.responses\n",
            "1: `import starlette.responses` was left: write `import fasterapi.responses`, and so where it is used",
        ),
        ("patch('fastapi.routing.run')\n", "1: the text 'fastapi.routing.run' names a module or a logger of fastapi"),
    ],
)
def test_what_cannot_be_swapped_stays_and_is_told(tmp_path: Path, source: str, told: str) -> None:
    assert migrated(tmp_path, source) == (source, [told])
