"""What the shell's page needs to run the Python listeners: addresses, and where each file goes in the interpreter."""

from typing import Any

from host.web.assets import Assets

NOT_IN_THE_PAGE = frozenset({"listeners/main.py", "listeners/patchbay/testing.py", "wire/session_types.py"})
PLUGINS = ("codemirror", "deprecations-manager", "donkey", "error", "py-editor", "py-game", "py-terminal")
"""PyScript's own extras; each would cost a request, and `error` writes into the page."""

INTERPRETER = "micropython/micropython.mjs"
MAIN = "listeners/main.py"
SHARED = ("js/adapter/embedder.js", "js/adapter/follow.js")
"""What the shell's page has in common with the adapters."""


def files(assets: Assets) -> dict[str, str]:
    """Return logical name to path in the interpreter's file system: `wire/events.py` to `./host/wire/events.py`."""
    names = [*assets.names("listeners/", ".py"), *assets.names("wire/", ".py")]
    return {name: _path(name) for name in names if name not in NOT_IN_THE_PAGE}


def _path(name: str) -> str:
    return f"./host/{name}" if name.startswith("wire/") else f"./{name.removeprefix('listeners/')}"


def switched_off() -> dict[str, Any]:
    """Return the configuration that keeps PyScript's extras away."""
    return {"plugins": [f"!{name}" for name in PLUGINS]}


def config(assets: Assets) -> dict[str, Any]:
    """Return the `config` of the page's one Python script."""
    return {
        "interpreter": assets.url(INTERPRETER),
        "files": {assets.url(name): path for name, path in files(assets).items()},
        **switched_off(),
    }


def preloaded(assets: Assets) -> list[str]:
    """Return what should be on its way before the page asks for it, by logical name."""
    # Core loads its error plugin even to switch it off.
    core = [*assets.names("core/core", ".js"), *assets.names("core/error", ".js")]
    modules = ["js/boot.js", *core, INTERPRETER, "js/shell.js", *assets.names("js/shell/", ".js"), *SHARED]
    return [*modules, "micropython/micropython.wasm", MAIN, *files(assets)]
