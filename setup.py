"""Builds the package: compiled by mypyc to C extensions, or as its Python sources alone.

`FASTERAPI_COMPILE=1` compiles, `FASTERAPI_COMPILE=0` does not. Unset, everything is compiled but an editable installation,
which is meant for sources that change. Everything that does not depend on this choice is in pyproject.toml.
"""

from __future__ import annotations

import os
import runpy
import shlex
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Final

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

# Relative, because generated C and tracebacks name the files by it. Build backends run with the repository as working directory.
PACKAGE: Final = Path("fasterapi")
GENERATED_C: Final = f"build/mypyc-{sys.implementation.cache_tag}"

INTERPRETED: Final = {
    "fasterapi/__init__.py": "chooses between sources and extension modules before anything else is imported",
    "fasterapi/_sources.py": "is that choice",
    "fasterapi/app.py": "applications have attributes of users' own, and weak references to them",
    "fasterapi/asgi.py": "holds TypedDicts and Protocols only: nothing to run",
    "fasterapi/concurrency/remote_call.py": "its source runs in interpreters that load no extension modules",
    "fasterapi/datastructures/headers.py": "a mapping: compiled, it shares the memory of isinstance with all mappings",
    "fasterapi/datastructures/multidict.py": "as headers.py, and generic: CPython 3.11 crashes on weak references to compiled generics",
    "fasterapi/datastructures/query_params.py": "a mapping, as headers.py",
    "fasterapi/datastructures/state.py": "attributes are the entries of a dictionary, and users subclass it",
    "fasterapi/datastructures/url_path.py": "a text: mypyc compiles no subclasses of str",
    "fasterapi/errors.py": "exceptions, which users subclass, pickle and refer weakly to, and a TypedDict with NotRequired",
    "fasterapi/encoders.py": "calls itself for values within values, which have to end as a RecursionError",
    "fasterapi/exception_handlers.py": "handlers, which are called for requests and WebSockets alike, whatever they are declared for",
    "fasterapi/http/connection.py": "a generic mapping, as multidict.py",
    "fasterapi/http/forms_data.py": "a generic mapping, as multidict.py",
    "fasterapi/http/server_sent_event.py": "holds a Struct, which loses its options compiled",
    "fasterapi/http/request.py": "a generic mapping, as multidict.py",
    "fasterapi/lifespan.py": "asynchronous generators, and a list that can be called",
    "fasterapi/routing/declaration.py": "TypedDicts, which lose what they declare compiled, and records that no request reads",
    "fasterapi/middleware/sessions.py": "a session is a dict with methods of its own, which compiled code would pass by",
    "fasterapi/openapi/pydantic_schemas.py": "subclasses a class of pydantic, which need not be installed where this is compiled",
    "fasterapi/openapi/site.py": "handlers, whose signatures are read",
    "fasterapi/security/api_key.py": "overloads __init__, of which mypyc makes C that does not compile",
    "fasterapi/security/credentials.py": "holds Structs, which lose their options compiled",
    "fasterapi/security/gives.py": "generic: CPython 3.11 crashes on weak references to compiled generics",
    "fasterapi/security/http.py": "overloads __init__, as api_key.py",
    "fasterapi/security/models.py": "holds TypedDicts only: nothing to run",
    "fasterapi/security/oauth2.py": "overloads __init__, as api_key.py",
    "fasterapi/security/open_id_connect_url.py": "overloads __init__, as api_key.py",
    "fasterapi/security/password_form.py": "classes whose signatures are read, which compiled ones lose",
    "fasterapi/websocket.py": "a generic mapping, as multidict.py, and async generators",
    "fasterapi/check/*.py": "a tool for development, which no request meets",
    "fasterapi/client/__init__.py": "hands names on",
    "fasterapi/client/app.py": "users add attributes to an app, as its examples do",
    "fasterapi/client/body.py": "asynchronous generators",
    "fasterapi/client/cache_store.py": "holds Structs and Protocols",
    "fasterapi/client/dependencies.py": "context managers written as generators",
    "fasterapi/client/engine.py": "context managers written as generators",
    "fasterapi/client/errors.py": "exceptions, as errors.py, of which one is a TypeError: mypyc compiles no subclasses of those",
    "fasterapi/client/from_openapi/*.py": "a tool for development, which no request meets",
    "fasterapi/client/graphql.py": "holds Structs and an exception",
    "fasterapi/client/hooks.py": "calls functions of users and nothing else",
    "fasterapi/client/httpx_transport.py": "asynchronous generators",
    "fasterapi/client/html_assets.py": "subclasses a class of the standard library",
    "fasterapi/client/lifespan.py": "context managers, as engine.py",
    "fasterapi/client/middleware/*.py": "classes that users subclass, with other annotations than ours",
    "fasterapi/client/models.py": "holds a Protocol, and talks to pydantic",
    "fasterapi/client/network.py": "subclasses a class of httpcore",
    "fasterapi/client/oauth2.py": "holds a Struct",
    "fasterapi/client/operations.py": "reads declarations once and calls functions of users",
    "fasterapi/client/options.py": "holds a TypedDict: nothing to run",
    "fasterapi/client/pool.py": "waits while an exception is on its way, which compiled coroutines lose",
    "fasterapi/client/response.py": "holds an exception, as errors.py",
    "fasterapi/client/results.py": "a generic sequence, as multidict.py",
    "fasterapi/client/route.py": "reads declarations once",
    "fasterapi/client/routed_transport.py": "as transport.py",
    "fasterapi/client/router.py": "reads declarations once",
    "fasterapi/client/sender.py": "as pool.py",
    "fasterapi/client/session.py": "context managers written as generators",
    "fasterapi/client/socket_stream.py": "subclasses classes of asyncio and httpcore",
    "fasterapi/client/stream.py": "asynchronous generators",
    "fasterapi/client/sync_session.py": "context managers written as generators",
    "fasterapi/client/transport.py": "asynchronous generators",
    "fasterapi/client/types.py": "holds a TypedDict: nothing to run",
    "fasterapi/client/verbs.py": "overloads, and decorators that read declarations once",
    "fasterapi/client/web/*.py": "pages for development, of which no request of a program knows",
    "fasterapi/client/websocket.py": "exceptions, as errors.py, and asynchronous generators",
    "fasterapi/cli/*.py": "a tool for development, which no request meets",
    "fasterapi/contrib/*/*.py": "as contrib itself",
    "fasterapi/migrate/*.py": "a tool that runs once for a project",
    "fasterapi/contrib/*.py": "builds on packages that need not be installed where this one is compiled",
    "fasterapi/templating.py": "as contrib, of which it hands a module on",
    "fasterapi/__main__.py": "is run by `python -m`, which cannot run extension modules",
    "fasterapi/testing/*.py": "subclasses httpx classes, and is no faster compiled",
}
"""The rooms that stay interpreted, as glob patterns, and the reason of each."""

HOT: Final = (
    "fasterapi/_compat.py",
    "fasterapi/binding/body*.py",
    "fasterapi/binding/plan.py",
    "fasterapi/binding/query.py",
    "fasterapi/binding/result*.py",
    "fasterapi/binding/scalar*.py",
    "fasterapi/binding/sources.py",
    "fasterapi/binding/texts.py",
    "fasterapi/http/*exchange.py",
    "fasterapi/http/asgi_*.py",
    "fasterapi/http/head.py",
    "fasterapi/routing/application.py",
    "fasterapi/routing/dispatch.py",
    "fasterapi/routing/route.py",
    "fasterapi/routing/tree.py",
    "fasterapi/server/*.py",
)
"""The rooms that every request passes, as glob patterns: the compiler sees them at once and puts their functions into each other."""

COMMANDS_THAT_BUILD: Final = {"build", "build_ext", "bdist_wheel", "install", "editable_wheel", "develop"}
EDITABLE_COMMANDS: Final = {"editable_wheel", "develop"}

NO_COMPILER: Final = """
error: fasterapi cannot be compiled on this machine: {fault}

Either get a C compiler and Python's headers:
    Debian, Ubuntu   apt install gcc python3-dev
    Fedora, RHEL     dnf install gcc python3-devel
    Alpine           apk add gcc musl-dev python3-dev
    macOS            xcode-select --install
    Windows          the "Build Tools for Visual Studio", workload "Desktop development with C++"
or install the interpreted package, which is the same code at a lower speed:
    FASTERAPI_COMPILE=0 pip install fasterapi-framework
"""


# Run by its path: importing it as a module would import the whole framework first.
sources_room: Final[dict[str, Any]] = runpy.run_path("fasterapi/_sources.py")


def wants_extensions(arguments: list[str]) -> bool:
    """Whether this run of setup.py is to make extension modules."""
    mode = os.environ.get("FASTERAPI_COMPILE", "")
    if mode not in ("", "0", "1"):
        sys.exit(f"error: FASTERAPI_COMPILE={mode}: write 1 for the compiled package or 0 for the interpreted one")
    if mode == "0" or not COMMANDS_THAT_BUILD.intersection(arguments):
        return False
    return mode == "1" or not EDITABLE_COMMANDS.intersection(arguments)


def compiler_fault() -> str | None:
    """What keeps this machine from compiling an extension module, or None."""
    if os.name != "posix":
        # Where no POSIX compiler is expected setuptools looks for the right one itself, and names the one it misses.
        return None
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    if shutil.which(compiler[0]) is None:
        return f"the C compiler {compiler[0]!r} is not there."
    flags = shlex.split(f"{os.environ.get('CFLAGS', '')} {os.environ.get('CPPFLAGS', '')}")
    headers = [f"-I{sysconfig.get_path(name)}" for name in ("include", "platinclude")]
    probe = subprocess.run(
        [*compiler, *flags, *headers, "-fsyntax-only", "-x", "c", "-"],
        input="#include <Python.h>\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if probe.returncode == 0:
        return None
    return f"{compiler[0]!r} does not compile a file that includes Python.h.\n{probe.stderr}"


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def compiled_sources() -> list[str]:
    """The files of the modules to compile."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [path.as_posix() for path in files if not any(path.match(pattern) for pattern in INTERPRETED)]


def make_extensions(sources: list[str]) -> list[Extension]:
    """Translate the sources to C; setuptools compiles it."""
    fault = compiler_fault()
    if fault is not None:
        sys.exit(NO_COMPILER.format(fault=fault))
    # Imported late: a build of the interpreted package needs no mypyc.
    from mypyc.build import mypycify

    # What depends on the packages that are installed is for the repository's own gate: which `type: ignore` comments are needed,
    # and what comes of the optional ones, which interpreted rooms import and a build need not have.
    lenient = ["--no-warn-unused-ignores", "--ignore-missing-imports", "--no-warn-return-any"]
    options = ["--config-file=mypy.ini", *lenient, f"--cache-dir={GENERATED_C}/mypy"]
    extensions: list[Extension] = []
    for extension in mypycify(
        [*options, *sources],
        opt_level="3",
        debug_level="0",
        group_name="fasterapi",
        target_dir=GENERATED_C,
        multi_file=True,
    ):
        assert isinstance(extension, Extension), "mypycify makes distutils extensions only where setuptools is missing"
        files = [os.fspath(file) for file in extension.sources]
        extension.depends += ["setup.py", *files]
        extension.sources = gather_hot(files)
        if os.name == "posix":
            # Hidden functions can be inlined into each other, which makes calls between compiled modules a fifth cheaper.
            # mypyc asks for -Werror: the newer warning of a newer compiler must not stop an installation.
            extension.extra_compile_args = [*extension.extra_compile_args, "-fvisibility=hidden", "-Wno-error"]
        extensions.append(extension)
    return extensions


def gather_hot(files: list[str]) -> list[str]:
    """Make one file of the C of the hot rooms and of mypyc's own; all the others in it too would cost the compiler twice as much."""
    hot = [file for file in files if is_hot(Path(file).name)]
    if not hot:
        return files
    # What mypyc's functions are called with is declared in these headers, and the functions come before their calls.
    runtime = [file for file in files if Path(file).parent == Path(GENERATED_C) and not Path(file).name.startswith("__native_")]
    headers = ["__native_fasterapi.h", "__native_internal_fasterapi.h"]
    hot = [*runtime, *hot]
    gathered = Path(GENERATED_C, "__native_hot.c")
    gathered.write_text("".join(f'#include "{Path(file).name}"\n' for file in [*headers, *hot]))
    return [gathered.as_posix(), *(file for file in files if file not in hot)]


def is_hot(name: str) -> bool:
    """Whether mypyc gave this name to the C of a hot room, or to what all rooms share."""
    room = Path(name.removeprefix("__native_").removesuffix(".c").replace("___", "/") + ".py")
    return name == "__native_fasterapi.c" or (name.startswith("__native_") and any(room.match(pattern) for pattern in HOT))


class BuildSources(build_py):
    """Copies the sources, and only these: what earlier builds left in the build folder would end up in the wheel."""

    def run(self) -> None:
        """Copy into a folder that holds nothing else but extension modules which are still wanted."""
        extensions = self.extension_files()
        for path in Path(self.build_lib).rglob("*"):
            if path.is_file() and path not in extensions:
                path.unlink()
        super().run()

    def extension_files(self) -> set[Path]:
        """The extension modules that this build makes, or may take over from the one before."""
        if not self.distribution.ext_modules:
            return set()
        command = self.get_finalized_command("build_ext")
        assert isinstance(command, build_ext)
        return set(map(Path, command.get_outputs()))


class BuildExtensions(build_ext):
    """Compiles the extension modules and leaves a record of what they were compiled from beside them."""

    digests: ClassVar[dict[str, str]] = {}

    def finalize_options(self) -> None:
        """Work on as many extension modules at once as there are processors, unless `--parallel` says otherwise."""
        super().finalize_options()
        self.parallel = self.parallel or processors()

    def build_extensions(self) -> None:
        """Compile the files of each extension module side by side too: distutils would take them one after the other."""
        compile_in_turn = self.compiler.compile
        with ThreadPoolExecutor(processors()) as pool:

            def compile_side_by_side(files: list[str], *arguments: Any, **options: Any) -> list[str]:
                compiled = [pool.submit(compile_in_turn, [file], *arguments, **options) for file in files]
                return [name for each in compiled for name in each.result()]

            if os.name == "posix":
                self.compiler.compile = compile_side_by_side
            super().build_extensions()

    def run(self) -> None:
        """Compile into the build folder."""
        super().run()
        sources_room["write_build_record"](self.digests, Path(self.build_lib) / "fasterapi")

    def copy_extensions_to_source(self) -> None:
        """Put the extension modules of an editable installation beside the sources."""
        super().copy_extensions_to_source()
        sources_room["write_build_record"](self.digests, PACKAGE)


def main() -> None:
    """Run setuptools, with extension modules if this run is to make them."""
    sources = compiled_sources() if wants_extensions(sys.argv) else []
    # Taken before anything is compiled: an edit during the compilation must show as stale.
    BuildExtensions.digests = sources_room["source_digests"](map(Path, sources), PACKAGE)
    setup(ext_modules=make_extensions(sources) if sources else [], cmdclass={"build_py": BuildSources, "build_ext": BuildExtensions})


if __name__ == "__main__":
    main()
