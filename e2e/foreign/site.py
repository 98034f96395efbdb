"""Another company's site: `http://localhost:<port>`, which to the product's `http://127.0.0.1` is a foreign site."""

import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, Response, abort
from werkzeug.serving import make_server

from tests.serving import served

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples" / "embedding"
FOLDERS = {
    "pyscript": ROOT / "node_modules/@pyscript/core/dist",
    "micropython": ROOT / "node_modules/@micropython/micropython-webassembly-pyscript",
}
"""What docs/embedding.md tells people to copy beside their page."""

STRICT = (
    "default-src 'none'; script-src 'self' {host}; style-src 'self'; img-src data:; frame-src {host} {crm}; "
    "base-uri 'none'; object-src 'none'; form-action 'none'; require-trusted-types-for 'script'"
)
"""The strictest policy with which a page embeds us."""

PYTHON = (
    STRICT.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval' 'unsafe-eval'")
    .partition("; require-trusted-types-for")[0]
    .replace("default-src 'none'", "default-src 'none'; connect-src 'self'")
)
"""PyScript's own needs, for a page that runs it as it comes."""


class ForeignSite:
    """Serves the examples, and pages that a story adds, with our placeholders filled in.

    Args:
        host: The product's origin.
        crm: The CRM's origin.
    """

    def __init__(self, host: str, crm: str) -> None:
        self._names = {
            "https://patchbay.example": host,
            "https://crm.example": crm,
            "crm.example": crm.partition("//")[2],
        }
        self._policies = {"strict": STRICT.format(host=host, crm=crm), "python": PYTHON.format(host=host, crm=crm)}
        self.pages: dict[str, str] = {}
        self.url = ""

    @contextmanager
    def running(self) -> Iterator["ForeignSite"]:
        """Serve for a while."""
        server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.url = f"http://localhost:{server.server_port}"
        with served(server):
            yield self

    @property
    def netloc(self) -> str:
        """`localhost:45123`."""
        return self.url.partition("//")[2]

    def _app(self) -> Flask:
        app = Flask("foreign", static_folder=None)

        @app.get("/lax/<path:name>", defaults={"policy": ""})
        @app.get("/<any(strict, python):policy>/<path:name>")
        def page(policy: str, name: str) -> Response:
            answer = Response(self._body(name), mimetype=_media_type(name))
            if policy:
                answer.headers["Content-Security-Policy"] = self._policies[policy]
            return answer

        return app

    def _body(self, name: str) -> bytes:
        if name in self.pages:
            return self._filled_in(self.pages[name]).encode()
        folder, _, rest = name.partition("/")
        if folder in FOLDERS:
            return _read(FOLDERS[folder] / rest)
        return self._filled_in(_read(EXAMPLES / name).decode()).encode()

    def _filled_in(self, text: str) -> str:
        for placeholder, value in self._names.items():
            text = text.replace(placeholder, value)
        return text


def _read(path: Path) -> bytes:
    if not path.is_file():
        abort(404)
    return path.read_bytes()


def _media_type(name: str) -> str:
    known = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".py": "text/x-python"}
    return known.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
