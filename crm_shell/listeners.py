"""Configures PyScript for the shell: addresses of the listeners, and their places in the interpreter's file system."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from crm_shell.vendor_files import VendorFile
from host.web.assets import Assets

NOT_IN_THE_PAGE = frozenset({"listeners/main.py", "listeners/patchbay/testing.py", "wire/session_types.py"})
PLUGINS = ("codemirror", "deprecations-manager", "donkey", "error", "py-editor", "py-game", "py-terminal")
"""PyScript's plugins that are switched off; each would cost a request, and `error` writes into the page."""

MAIN = "listeners/main.py"
SHARED = ("js/shared/embedder.js", "js/shared/leaving.js", "js/shared/sign_in_sync.js")
"""Modules that the shell shares with the adapters."""
VENDOR_FOLDER = "vendor_listeners"
"""As in patchbay.vendors."""


@dataclass(frozen=True)
class Runtime:
    """An interpreter of PyScript, and the files that it loads."""

    type: str
    """Type of the `<script>`."""
    idle: str
    """Name of the other interpreter's `<...-config>` element, which has to switch off the plugins too."""
    interpreter: str
    preloaded: tuple[str, ...]
    """Files that the interpreter fetches itself."""


RUNTIMES: dict[Literal["micropython", "pyodide"], Runtime] = {
    "micropython": Runtime("mpy", "py-config", "micropython/micropython.mjs", ("micropython/micropython.wasm",)),
    # Pyodide fetches its own files early enough; preloading 6 MB would only delay ours.
    "pyodide": Runtime("py", "mpy-config", "pyodide/pyodide.mjs", ()),
}


def files(assets: Assets) -> dict[str, str]:
    """Return logical name to path in the interpreter's file system: `wire/events.py` to `./host/wire/events.py`."""
    names = [*assets.names("listeners/", ".py"), *assets.names("wire/", ".py")]
    return {name: _path(name) for name in names if name not in NOT_IN_THE_PAGE}


def _path(name: str) -> str:
    return f"./host/{name}" if name.startswith("wire/") else f"./{name.removeprefix('listeners/')}"


def switched_off() -> dict[str, Any]:
    """Return the configuration that switches PyScript's plugins off."""
    return {"plugins": [f"!{name}" for name in PLUGINS]}


def vendor_url(file: VendorFile) -> str:
    """Return `/shell/listeners/0a1b2c3d4e5f/mine.py`."""
    return f"/shell/listeners/{file.digest}/{file.module}.py"


def config(assets: Assets, runtime: Runtime, vendors: Iterable[VendorFile] = ()) -> dict[str, Any]:
    """Return the `config` of the page's one Python script."""
    own = {assets.url(name): path for name, path in files(assets).items()}
    theirs = {vendor_url(file): f"./{VENDOR_FOLDER}/{file.module}.py" for file in vendors}
    return {"interpreter": assets.url(runtime.interpreter), "files": own | theirs, **switched_off()}


def preloaded(assets: Assets, runtime: Runtime) -> list[str]:
    """Return the logical names of the files to preload."""
    # Core loads its error plugin even when that is switched off.
    core = [*assets.names("core/core", ".js"), *assets.names("core/error", ".js")]
    modules = ["js/boot.js", *core, runtime.interpreter, *assets.names("js/shell/", ".js"), *SHARED]
    return [*modules, *runtime.preloaded, MAIN, *files(assets)]
