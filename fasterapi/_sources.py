"""Which code runs: the sources beside the extension modules, and whether those extension modules still match them.

Interpreted: it decides how the other modules are loaded, so it is loaded in the plainest way itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import EXTENSION_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Final, final

PACKAGE: Final = Path(__file__).parent
EXTENSION_SUFFIX: Final = EXTENSION_SUFFIXES[0]

# In the format of sha256sum. One per interpreter, because several of them may have built into one source tree.
RECORD_NAME: Final = f"_build.{EXTENSION_SUFFIX.strip('.').rpartition('.')[0]}.sha256"


@final
class SourceFinder:
    """Finds the modules of a compiled package as their `.py` files, passing over the extension modules."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The source file of a module inside the package; nothing for any other module."""
        if path is None or not fullname.startswith("fasterapi."):
            return None
        for folder in path:
            spec = FileFinder(folder, (SourceFileLoader, [".py"])).find_spec(fullname, target)
            if spec is not None and spec.loader is not None:
                return spec
        return None


def prefer_sources() -> None:
    """Run the `.py` files of a compiled package from now on, as `FASTERAPI_PURE=1` asks for."""
    sys.meta_path.insert(0, SourceFinder())


def source_digests(sources: Iterable[Path], package: Path = PACKAGE) -> dict[str, str]:
    """The digest of each source file, under its path inside the package."""
    # Imported late: most imports of the package have nothing to compare.
    from hashlib import sha256

    return {source.relative_to(package).as_posix(): sha256(source.read_bytes()).hexdigest() for source in sources}


def write_build_record(digests: dict[str, str], package: Path) -> None:
    """Leave beside extension modules what they were compiled from."""
    (package / RECORD_NAME).write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()))


def read_build_record(package: Path) -> dict[str, str]:
    """What the extension modules were compiled from, as far as it is known."""
    record = package / RECORD_NAME
    if not record.exists():
        return {}
    lines = [line.split("  ", 1) for line in record.read_text().splitlines()]
    return {name: digest for digest, name in lines}


def stale_modules(package: Path = PACKAGE) -> list[str]:
    """The source files that an extension module hides although it was not compiled from them as they stand.

    An extension module of unknown origin, or without a source file, counts as stale.
    """
    extensions = package.rglob(f"*{EXTENSION_SUFFIX}")
    sources = sorted(extension.with_name(extension.name.removesuffix(EXTENSION_SUFFIX) + ".py") for extension in extensions)
    if not sources:
        return []
    compiled_from = read_build_record(package)
    found = source_digests([source for source in sources if source.exists()], package)
    names = [source.relative_to(package).as_posix() for source in sources]
    return [name for name in names if name not in found or found[name] != compiled_from.get(name)]


def warn_of_stale_modules(package: Path = PACKAGE) -> None:
    """Warn when extension modules in a source checkout hide sources that were edited since."""
    stale = stale_modules(package)
    if stale:
        import warnings

        warnings.warn(
            f"the extension modules in {package} were not compiled from the sources beside them, and hide these: {', '.join(stale)}. "
            "Delete them with `make clean`, compile anew with `FASTERAPI_COMPILE=1 pip install -e .`, "
            "or set FASTERAPI_PURE=1 to run the sources.",
            RuntimeWarning,
            stacklevel=2,
        )
