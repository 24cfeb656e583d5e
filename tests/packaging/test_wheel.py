"""The compiled wheel: what it holds, and that it works where nothing else is installed."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
import zipfile
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from tests.checkouts import CHECKOUT
from tests.packaging.distributions import ENVIRONMENT, Installation
from tests.test_setup import COMPILED_SOURCES, SOURCES

pytestmark = pytest.mark.packaging

EXTENSION_SUFFIX: Final = str(sysconfig.get_config_var("EXT_SUFFIX"))

APPLICATION: Final = """
from fasterapi import Faster

app = Faster()

@app.get("/items/{item_id}")
async def read_item(item_id: int, q: str = "") -> dict[str, object]:
    return {"item_id": item_id, "q": q}
"""


@pytest.fixture(scope="module")
def contents(wheel: Path) -> dict[str, bytes]:
    """The files of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_is_for_this_interpreter_and_platform(wheel: Path) -> None:
    tag = f"cp{sysconfig.get_config_var('py_version_nodot')}"
    assert f"-{tag}-{tag}-" in wheel.name


def test_the_wheel_holds_every_source_as_it_is_in_the_checkout(contents: dict[str, bytes]) -> None:
    packed = {name: content for name, content in contents.items() if name.endswith(".py")}
    assert packed == {source.as_posix(): (CHECKOUT / source).read_bytes() for source in SOURCES}


def test_the_wheel_holds_an_extension_module_for_every_compiled_source(contents: dict[str, bytes]) -> None:
    extensions = {name for name in contents if name.endswith(EXTENSION_SUFFIX)}
    expected = {name.removesuffix(".py") + EXTENSION_SUFFIX for name in COMPILED_SOURCES}
    assert extensions == {f"fasterapi__mypyc{EXTENSION_SUFFIX}", *expected}


def test_the_wheel_is_marked_as_typed(contents: dict[str, bytes]) -> None:
    assert "fasterapi/py.typed" in contents


def test_the_wheel_holds_its_license(contents: dict[str, bytes]) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in contents)


def test_the_wheel_does_not_speak_of_the_machine_that_built_it(contents: dict[str, bytes]) -> None:
    assert [name for name, content in contents.items() if bytes(CHECKOUT) in content] == []


def test_an_installed_wheel_runs_compiled(installed_wheel: Installation) -> None:
    assert installed_wheel.execute("import fasterapi; print(fasterapi.COMPILED)") == "True"


def test_an_installed_wheel_knows_its_version(installed_wheel: Installation) -> None:
    code = "import fasterapi, importlib.metadata as m; print(fasterapi.__version__ == m.version('fasterapi-framework'))"
    assert installed_wheel.execute(code) == "True"


def test_a_pure_run_loads_no_extension_module_of_the_package(installed_wheel: Installation) -> None:
    code = """
import json, sys, fasterapi
print(json.dumps([fasterapi.COMPILED, *(m.__file__ for n, m in sys.modules.items() if n.partition('.')[0].startswith('fasterapi'))]))
"""
    compiled, *files = json.loads(installed_wheel.execute(code, FASTERAPI_PURE="1"))
    assert compiled is False
    assert [file for file in files if not file.endswith(".py")] == []


@pytest.mark.parametrize("switch", ["", "0"])
def test_an_empty_switch_leaves_the_wheel_compiled(installed_wheel: Installation, switch: str) -> None:
    assert installed_wheel.execute("import fasterapi; print(fasterapi.COMPILED)", FASTERAPI_PURE=switch) == "True"


@pytest.mark.parametrize("door", ["fasterapi.server:HttpProtocol", "httptools", "h11"])
@pytest.mark.parametrize("pure", ["", "1"])
def test_an_installed_wheel_serves_a_request(installed_wheel: Installation, tmp_path: Path, door: str, pure: str) -> None:
    (tmp_path / "application.py").write_text(APPLICATION)
    command = [str(installed_wheel.python), "-m", "uvicorn", "application:app", "--app-dir", str(tmp_path), "--http", door, "--port", "0"]
    environment = {**ENVIRONMENT, "FASTERAPI_PURE": pure}
    with subprocess.Popen(command, cwd="/", env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        log = ""
        try:
            for line in server.stderr:
                log += line
                if running := re.search(r"running on (http://\S+)", line):
                    with urlopen(f"{running[1]}/items/7?q=seven", timeout=10) as answer:
                        assert json.load(answer) == {"item_id": 7, "q": "seven"}
                    with urlopen(f"{running[1]}/docs", timeout=10) as page:
                        scripts = re.findall(r'src="(/[^"]+[.]js)"', page.read().decode())
                    assert scripts
                    for script in scripts:
                        with urlopen(running[1] + script, timeout=10) as asset:
                            assert len(asset.read()) > 100
                    return
        finally:
            server.terminate()
    pytest.fail(f"the server did not start:\n{log}")
