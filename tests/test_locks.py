"""A version that appears tomorrow changes nothing of what `make` installs: tried with indexes that have newer ones."""

import base64
import ensurepip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pip
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.serving import served

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("run", "dev", "audit", "servers")
BESIDE = ("audit", "servers")
"""Installed beside the libraries, in environments without pip."""
NEWER = "9999.1"
NOWHERE = "a-package-that-no-index-has"


@pytest.mark.parametrize("name", ["run", "dev"])
def test_pip_installs_what_is_locked_though_the_index_has_newer_versions(machine: Path, name: str) -> None:
    locked = _make_index(machine, name)
    done = _install(machine, _command(machine, name))
    assert done.returncode == 0, done.stderr
    assert locked.items() <= _installed(machine).items()
    assert len(locked) >= 2


@pytest.mark.parametrize("left_out", ["--no-deps", "--only-binary :all:"])
def test_the_check_notices_a_command_that_resolves_or_builds(machine: Path, left_out: str) -> None:
    locked = _make_index(machine, "dev", as_source=left_out != "--no-deps")
    weaker = _command(machine, "dev").replace(left_out, "")
    done = _install(machine, weaker)
    assert done.returncode != 0
    assert not locked.items() <= _installed(machine).items()


@pytest.mark.parametrize("name", LOCKS)
def test_every_lock_file_is_installed_so_and_then_checked(machine: Path, name: str) -> None:
    command = _command(machine, name)
    for flag in ("--no-deps", "--require-hashes", "--only-binary :all:"):
        assert flag in command
    unlocked = re.findall(r"^(?!#|\s|.*==).+$", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE)
    assert unlocked == []
    if name not in BESIDE:
        assert "pip --disable-pip-version-check check" in _recipe(machine, name)


def test_npm_installs_what_is_locked_and_nothing_that_was_changed(machine: Path, registry: str) -> None:
    environ = {**os.environ, "npm_config_registry": registry, "npm_config_cache": str(machine / "cache")}
    environ["npm_config_fetch_retries"] = "0"
    [command] = [line for line in _recipe(machine, "npm").splitlines() if line.startswith("npm ")]
    run = partial(subprocess.run, ["bash", "-c", command], cwd=machine, env=environ, capture_output=True, check=False)
    assert run().returncode == 0
    found = json.loads((machine / "node_modules/below/package.json").read_text())
    assert found["version"] == "1.0.0"

    (machine / "registry/below/-/below-1.0.0.tgz").write_bytes(_tarball("below", "1.0.0", "changed"))
    shutil.rmtree(machine / "cache")
    assert run().returncode != 0


def test_the_npm_lock_file_has_a_hash_for_everything() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    package = json.loads((ROOT / "package.json").read_text())
    entries = {path: entry for path, entry in lock["packages"].items() if path}
    assert all(entry["integrity"].startswith("sha512-") for entry in entries.values())
    exact = {**package["dependencies"], **package["devDependencies"]}
    assert {name: entries[f"node_modules/{name}"]["version"] for name in exact} == exact


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the Makefile beside an empty environment with the pip that Python brings."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("pyproject.toml", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / ".venv"], check=True)
    program = tmp_path / ".venv/bin/pip"
    program.write_text(f'#!/bin/sh\nexec {tmp_path}/.venv/bin/python {_pip_that_python_brings()} "$@"\n')
    program.chmod(0o755)
    (tmp_path / ".venv/stamps").mkdir()
    (tmp_path / ".venv/stamps/venv").touch()
    return tmp_path


@pytest.fixture
def registry(machine: Path) -> Iterator[str]:
    """A registry on loopback whose packages have newer versions than the lock file, which fit it too."""
    handler = partial(_Quiet, directory=str(machine / "registry"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    entries: dict[str, object] = {"": {"name": "page", "dependencies": {"above": "1.0.0"}}}
    for name, needs in (("above", {"below": "^1.0.0"}), ("below", {})):
        integrity = _publish(machine / "registry", url, name, needs)
        entries[f"node_modules/{name}"] = {"version": "1.0.0", "integrity": integrity, "dependencies": needs}
    (machine / "package.json").write_text(json.dumps({"name": "page", "dependencies": {"above": "1.0.0"}}))
    lock = {"name": "page", "lockfileVersion": 3, "requires": True, "packages": entries}
    (machine / "package-lock.json").write_text(json.dumps(lock))
    with served(server):
        yield url


class _Quiet(SimpleHTTPRequestHandler):
    """Serves a folder; a package's document stands in `index.html` of its own."""

    def log_message(self, *_: object) -> None:
        pass


def _pip_that_python_brings() -> str:
    """Return how to run it: it isn't unpacked, which takes longer than all that is tried here."""
    bundled = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    return f"{bundled[-1]}/pip" if bundled else f"{Path(pip.__file__).parent}"


def _recipe(machine: Path, name: str) -> str:
    stamp = f".venv/stamps/{name}"
    done = subprocess.run(["make", "-n", stamp], cwd=machine, capture_output=True, text=True, check=True)
    return done.stdout


def _command(machine: Path, name: str) -> str:
    [command] = [line for line in _recipe(machine, name).splitlines() if line.endswith(f"requirements/{name}.txt")]
    return command


def _install(machine: Path, command: str) -> "subprocess.CompletedProcess[str]":
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environ = {**ours, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(machine / "index"), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        ["bash", "-c", command], cwd=machine, env=environ, capture_output=True, text=True, check=False
    )


def _installed(machine: Path) -> dict[str, str]:
    """Return what is there, by name."""
    found = (machine / ".venv").glob("lib/*/site-packages/*.dist-info")
    parts = (path.name.removesuffix(".dist-info").partition("-") for path in found)
    return {canonicalize_name(name): version for name, _, version in parts}


def _make_index(machine: Path, name: str, *, as_source: bool = False) -> dict[str, str]:
    """Fill the index with what extras are about, locked and newer, and lock the locked ones; return those."""
    (machine / "index").mkdir()
    everything = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / f"requirements/{name}.txt").read_text(), re.MULTILINE))
    needs = {each: _with_extras(each, everything) for each in everything}
    named = {each for each, below in needs.items() if below} | {below.name for all_ in needs.values() for below in all_}
    locked = {each: everything[each] for each in sorted(named)}
    lines = []
    for each, version in locked.items():
        _wheel(machine / "index", each, NEWER, [])
        make = _source if as_source else _wheel
        digest = make(
            machine / "index", each, version, [*(f"{n.name}[{','.join(n.extras)}]" for n in needs[each]), NOWHERE]
        )
        lines.append(f"{each}=={version} --hash=sha256:{digest}")
    (machine / f"requirements/{name}.txt").write_text("\n".join(lines) + "\n")
    return locked


def _with_extras(name: str, locked: dict[str, str]) -> list[Requirement]:
    try:
        found = [Requirement(each) for each in requires(name) or ()]
    except PackageNotFoundError:
        return []
    apply = [each for each in found if each.extras and (each.marker is None or each.marker.evaluate({"extra": ""}))]
    return [each for each in apply if canonicalize_name(each.name) in locked]


def _metadata(name: str, version: str, needs: list[str]) -> str:
    return "\n".join(
        [
            "Metadata-Version: 2.1",
            f"Name: {name}",
            f"Version: {version}",
            *(f"Requires-Dist: {each}" for each in needs),
            "",
        ]
    )


def _wheel(folder: Path, name: str, version: str, needs: list[str]) -> str:
    stem = f"{name.replace('-', '_')}-{version}"
    file = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", _metadata(name, version, needs))
        wheel.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _source(folder: Path, name: str, version: str, needs: list[str]) -> str:
    stem = f"{name.replace('-', '_')}-{version}"
    file = folder / f"{stem}.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        _add(archive, f"{stem}/PKG-INFO", _metadata(name, version, needs))
        _add(archive, f"{stem}/pyproject.toml", '[build-system]\nrequires = ["setuptools"]\n')
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _publish(folder: Path, url: str, name: str, needs: dict[str, str]) -> str:
    """Publish versions 1.0.0 and 1.9.9; return the older one's integrity."""
    (folder / name / "-").mkdir(parents=True)
    versions = {}
    for version in ("1.9.9", "1.0.0"):
        body = _tarball(name, version)
        (folder / name / "-" / f"{name}-{version}.tgz").write_bytes(body)
        integrity = "sha512-" + base64.b64encode(hashlib.sha512(body).digest()).decode()
        tarball = {"tarball": f"{url}/{name}/-/{name}-{version}.tgz", "integrity": integrity}
        versions[version] = {"name": name, "version": version, "dependencies": needs, "dist": tarball}
    document = {"name": name, "dist-tags": {"latest": "1.9.9"}, "versions": versions}
    (folder / name / "index.html").write_text(json.dumps(document))
    return integrity


def _tarball(name: str, version: str, extra: str = "") -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        _add(archive, "package/package.json", json.dumps({"name": name, "version": version, "description": extra}))
    return body.getvalue()


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    archive.addfile(entry, io.BytesIO(text.encode()))
