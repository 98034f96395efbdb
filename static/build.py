"""Build `static/vendor/`: what the browser gets, under names that change with the content.

Run as `python static/build.py`. Each group (PyScript's core, MicroPython, Pyodide, our own files) goes into one
folder named by the hash of all its files, so that relative imports keep working and two versions never
mix. Beside each file lie its `.br` and `.gz`; `manifest.json` maps logical names to what was built:
`{"js/bus.js": {"path": "app-0a1b2c3d4e5f/js/bus.js", "sha256": "...", "bytes": 4120}}`.

A second run with unchanged inputs only compares sizes and times of files.
"""

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = "node_modules/@pyscript/core"
MICROPYTHON = "node_modules/@micropython/micropython-webassembly-pyscript"
PYODIDE = "node_modules/pyodide"
OWN_SUFFIXES = frozenset({".js", ".css", ".py", ".svg", ".png", ".woff2"})
COMPRESSED_SUFFIXES = frozenset({".js", ".mjs", ".css", ".py", ".svg", ".wasm", ".txt", ".json"})

# Logical name to file: what core needs with its optional plugins off, with the chunk names of each release.
CORE_FILES = ("core.js", "core-*.js", "error-*.js")
PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json", "python_stdlib.zip")

# Brotli's best takes 40 s for Pyodide, to make it a tenth smaller.
LARGE_BYTES = 500_000

Sources = Mapping[str, Path]
Manifest = Mapping[str, Mapping[str, str | int]]


class BuildError(Exception):
    """An input is missing; the message says which command brings it."""


def own_files(root: Path) -> dict[str, Path]:
    """Return our own files by logical name: `js/bus.js`, `css/base.css`, `listeners/main.py`, `wire/events.py`."""
    found: dict[str, Path] = {}
    for name, folder in (
        ("js", root / "static/js"),
        ("css", root / "static/css"),
        ("img", root / "static/img"),
        ("listeners", root / "static/listeners"),
        ("wire", root / "host/wire"),
    ):
        for path in sorted(folder.rglob("*")):
            if path.suffix in OWN_SUFFIXES and "__pycache__" not in path.parts:
                found[f"{name}/{path.relative_to(folder).as_posix()}"] = path
    return found


def core_files(root: Path) -> dict[str, Path]:
    """Return PyScript's core and the licences of everything inside its bundle."""
    dist = root / CORE / "dist"
    found = {f"core/{path.name}": path for pattern in CORE_FILES for path in sorted(dist.glob(pattern))}
    if "core/core.js" not in found:
        raise BuildError(f"{dist}/core.js is missing; run: npm ci")
    found["core/LICENSE.txt"] = root / CORE / "LICENSE"
    # The bundle holds its own dependencies, so their licences travel with it.
    modules = root / "node_modules"
    for path in sorted((*modules.glob("*/LICENSE*"), *modules.glob("@webreflection/*/LICENSE*"))):
        package = path.parent.relative_to(modules).as_posix().replace("/", "-").lstrip("@")
        found[f"core/licences/{package}.txt"] = path
    return found


def micropython_files(root: Path) -> dict[str, Path]:
    """Return MicroPython: the loader looks for the `.wasm` beside itself."""
    found = _all_there("micropython", root / MICROPYTHON, ("micropython.mjs", "micropython.wasm"))
    found["micropython/LICENSE.txt"] = root / "static/licences/micropython.txt"
    return found


def pyodide_files(root: Path) -> dict[str, Path]:
    """Return Pyodide, which finds everything beside itself; browsers get it only where the settings say so."""
    found = _all_there("pyodide", root / PYODIDE, PYODIDE_FILES)
    found["pyodide/LICENSE.txt"] = root / "static/licences/pyodide.txt"
    found["pyodide/licences/python.txt"] = root / "static/licences/python.txt"
    return found


def _all_there(group: str, folder: Path, names: Iterable[str]) -> dict[str, Path]:
    found = {f"{group}/{name}": folder / name for name in names}
    for path in found.values():
        if not path.is_file():
            raise BuildError(f"{path} is missing; run: npm ci")
    return found


def groups(root: Path) -> dict[str, Sources]:
    """Return the groups, each of which becomes one folder; ours last, since it names the others."""
    return {
        "core": core_files(root),
        "micropython": micropython_files(root),
        "pyodide": pyodide_files(root),
        "app": own_files(root),
    }


def stamp(sources: Mapping[str, Sources]) -> str:
    """Return a text that changes when an input does, without reading the inputs."""
    lines = [f"build {_signature(Path(__file__))}"]
    for group in sources.values():
        lines += [f"{name} {_signature(path)}" for name, path in group.items()]
    return "\n".join(lines)


def _signature(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}"


def build(root: Path) -> bool:
    """Bring `static/vendor/` up to date.

    Returns:
        Whether anything had to be built.

    Raises:
        BuildError: An npm package is missing.
    """
    vendor = root / "static/vendor"
    vendor.mkdir(parents=True, exist_ok=True)
    with (vendor / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = groups(root)
        wanted = stamp(sources)
        if _is_current(vendor, wanted):
            return False
        manifest: dict[str, dict[str, str | int]] = {}
        for group, files in sources.items():
            manifest.update(_build_group(vendor, group, _bodies(files, manifest)))
        _remove_old(vendor, manifest)
        _write(vendor / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        _write(vendor / ".stamp", wanted)
    return True


def _is_current(vendor: Path, wanted: str) -> bool:
    try:
        if (vendor / ".stamp").read_text() != wanted:
            return False
        manifest = json.loads((vendor / "manifest.json").read_text())
    except (OSError, ValueError):
        return False
    return all((vendor / entry["path"]).is_file() for entry in manifest.values())


def _bodies(files: Sources, built: Manifest) -> dict[str, bytes]:
    """Return the files' contents; where ours import `../../core/...` they get the folder that was built."""
    folders = {name.split("/", 1)[0]: str(entry["path"]).split("/", 1)[0] for name, entry in built.items()}
    bodies = {}
    for name, path in files.items():
        body = path.read_bytes()
        if name.startswith("js/"):
            for group, folder in folders.items():
                body = body.replace(f"/../{group}/".encode(), f"/../{folder}/".encode())
        bodies[name] = body
    return bodies


def _build_group(vendor: Path, group: str, bodies: Mapping[str, bytes]) -> dict[str, dict[str, str | int]]:
    digest = hashlib.sha256()
    for name, body in sorted(bodies.items()):
        digest.update(f"{name}\0{len(body)}\0".encode() + body)
    folder = f"{group}-{digest.hexdigest()[:12]}"
    # The group's own name is in the folder already: `core/core.js` stands at `core-<hash>/core.js`.
    paths = {name: f"{folder}/{name.removeprefix(group + '/')}" for name in bodies}
    if not all((vendor / path).is_file() for path in paths.values()):
        shutil.rmtree(vendor / folder, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=vendor, prefix=".new-") as temporary:
            fresh = Path(temporary) / folder
            for name, body in bodies.items():
                _write_compressed(Path(temporary) / paths[name], body)
            fresh.rename(vendor / folder)
    return {
        name: {"path": paths[name], "sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
        for name, body in bodies.items()
    }


def _write_compressed(target: Path, body: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    if target.suffix not in COMPRESSED_SUFFIXES:
        return
    import brotli  # noqa: PLC0415 - only a real build pays for loading it

    gzip_level, brotli_quality = (9, 11) if len(body) < LARGE_BYTES else (6, 6)
    for suffix, packed in (
        (".gz", gzip.compress(body, gzip_level, mtime=0)),
        (".br", brotli.compress(body, quality=brotli_quality)),
    ):
        if len(packed) < len(body):
            target.with_name(target.name + suffix).write_bytes(packed)


def _remove_old(vendor: Path, manifest: Manifest) -> None:
    # The generation before stays: pages that are open during an upgrade still load their lazy files.
    kept = _folders(manifest.values())
    with contextlib.suppress(OSError, ValueError):
        kept |= _folders(json.loads((vendor / "manifest.json").read_text()).values())
    for folder in vendor.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(entries: Iterable[Mapping[str, str | int]]) -> set[str]:
    return {str(entry["path"]).split("/", 1)[0] for entry in entries}


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)


def main() -> int:
    """Build and say so; exit code 1 and the reason on standard error when an input is missing."""
    try:
        built = build(ROOT)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if built:
        print(f"built {ROOT / 'static/vendor'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
