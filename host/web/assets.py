"""Serves the files that `static/build.py` built, and knows their addresses.

Each address contains a hash of the content, so browsers can cache a file for ever and never mix versions.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from wsgiref.headers import Headers

from flask import Flask, current_app
from whitenoise import WhiteNoise

from host.errors import ConfigError
from host.gate import strict
from host.web.security import csp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PACKAGED = Path(__file__).resolve().with_name("vendor")
"""The folder of the built files in an installed wheel."""
VENDOR = PACKAGED if PACKAGED.is_dir() else Path(__file__).resolve().parents[2] / "static" / "vendor"
PREFIX = "/static/"
CACHE_CONTROL = "public, max-age=31536000, immutable"
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".py": "text/x-python",
    ".wasm": "application/wasm",
}


class Preload(TypedDict):
    """The attributes of a `<link>` that preloads a file of the page."""

    rel: str
    href: str
    kind: str
    """Value of `as`, or empty: a `modulepreload` has none."""
    type: str
    """Media type, or empty."""


class Assets:
    """The files of one build.

    Args:
        folder: The output folder of `static/build.py`; it must exist when an address is asked for.
    """

    def __init__(self, folder: Path = VENDOR) -> None:
        self._folder = folder
        self._paths: dict[str, str] | None = None

    @property
    def paths(self) -> Mapping[str, str]:
        """Logical name to path below the folder: `js/bus.js` to `app-0a1b2c3d4e5f/js/bus.js`.

        Raises:
            ConfigError: Nothing has been built.
        """
        if self._paths is None:
            try:
                text = (self._folder / "manifest.json").read_text()
            except OSError as error:
                raise ConfigError("static/vendor/manifest.json cannot be read; build it with: make assets") from error
            self._paths = {name: entry["path"] for name, entry in strict.read(text).items()}
        return self._paths

    def url(self, name: str) -> str:
        """Return the address of `js/bus.js`: `/static/app-0a1b2c3d4e5f/js/bus.js`.

        Raises:
            ConfigError: There is no such file in the build.
        """
        try:
            return PREFIX + self.paths[name]
        except KeyError as error:
            raise ConfigError(f"no asset {name!r} in static/vendor; build it with: make assets") from error

    def read(self, name: str) -> bytes:
        """Return the content of `js/embed/dock.js`.

        Raises:
            ConfigError: There is no such file in the build.
        """
        self.url(name)
        return (self._folder / self.paths[name]).read_bytes()

    def names(self, prefix: str, suffix: str = "") -> list[str]:
        """Return the logical names with this prefix and suffix, sorted."""
        return sorted(name for name in self.paths if name.startswith(prefix) and name.endswith(suffix))

    def preloads(self, names: Iterable[str]) -> list[Preload]:
        """Return a `<link>` for each name: `modulepreload` for modules, `preload` for other files."""
        links: list[Preload] = []
        for name in names:
            is_module = name.endswith((".js", ".mjs"))
            links.append(
                {
                    "rel": "modulepreload" if is_module else "preload",
                    "href": self.url(name),
                    "kind": "" if is_module else "fetch",
                    "type": "application/wasm" if name.endswith(".wasm") else "",
                }
            )
        return links

    def wrap(
        self, app: "Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]"
    ) -> "Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]":
        """Wrap `app` so that the built files are served first, compressed if the browser accepts that."""
        served = WhiteNoise(
            app, max_age=None, allow_all_origins=False, mimetypes=MEDIA_TYPES, add_headers_function=_add_headers
        )
        # Folder by folder, since the manifest changes and must not be cached for ever.
        for folder in sorted(self._folder.glob("*-*/")):
            served.add_files(str(folder), prefix=f"{PREFIX}{folder.name}")
        wrapped: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = served
        return wrapped


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["Cache-Control"] = CACHE_CONTROL
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = csp.FILE_POLICY


def asset(name: str) -> str:
    """Return the address of `css/base.css` in the running app's build."""
    return assets().url(name)


def assets() -> Assets:
    """Return the running app's build."""
    found: Assets = current_app.extensions["patchbay_assets"]
    return found


def init_app(app: Flask, folder: Path = VENDOR) -> None:
    """Serve the assets at `/static/`, and add `asset(name)` to all templates."""
    built = Assets(folder)
    app.extensions["patchbay_assets"] = built
    app.jinja_env.globals["asset"] = built.url
    app.wsgi_app = built.wrap(app.wsgi_app)  # type: ignore[method-assign, assignment]
