from pathlib import Path

import pytest
from flask import Flask, render_template_string

from host.errors import ConfigError
from host.web import assets
from static import build


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    for name, body in (
        ("static/js/bus.js", "x" * 2000),
        ("static/js/shell/log.js", "export const log = 1;\n"),
        ("static/licences/micropython.txt", "MIT"),
        ("host/wire/events.py", "EVENTS = {}\n"),
        (f"{build.CORE}/dist/core.js", 'export * from "./core-abc.js";\n'),
        (f"{build.CORE}/dist/core-abc.js", "export {};\n"),
        (f"{build.CORE}/LICENSE", "Apache"),
        (f"{build.MICROPYTHON}/micropython.mjs", "export {};\n"),
        (f"{build.MICROPYTHON}/micropython.wasm", "\0asm" + "x" * 2000),
        *((f"{build.PYODIDE}/{name}", name) for name in build.PYODIDE_FILES),
        ("node_modules/polyscript/LICENSE", "MIT"),
        ("static/licences/pyodide.txt", "MPL"),
        ("static/licences/python.txt", "PSF"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
    build.build(tmp_path)
    return tmp_path / "static/vendor"


@pytest.fixture
def app(vendor: Path) -> Flask:
    app = Flask("assets", static_folder=None)
    assets.init_app(app, vendor)
    return app


def test_an_address_holds_the_hash_and_keeps_relative_paths(app: Flask) -> None:
    with app.app_context():
        bus, log = assets.asset("js/bus.js"), assets.asset("js/shell/log.js")
    folder = bus.removesuffix("/js/bus.js")
    assert folder.startswith("/static/app-")
    assert log == f"{folder}/js/shell/log.js"


def test_templates_have_the_addresses(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ asset('wire/events.py') }}").endswith("/wire/events.py")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("js/bus.js", 'text/javascript; charset="utf-8"'),
        ("micropython/micropython.mjs", 'text/javascript; charset="utf-8"'),
        ("micropython/micropython.wasm", "application/wasm"),
        ("wire/events.py", 'text/x-python; charset="utf-8"'),
    ],
)
def test_files_are_kept_for_ever_and_not_sniffed(app: Flask, name: str, media_type: str) -> None:
    with app.app_context():
        url = assets.asset(name)
    answer = app.test_client().get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    answer.close()


@pytest.mark.parametrize(("accepts", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_files_come_compressed_as_the_browser_takes_them(app: Flask, accepts: str, encoding: str | None) -> None:
    with app.app_context():
        url = assets.asset("js/bus.js")
    answer = app.test_client().get(url, headers={"Accept-Encoding": accepts})
    assert answer.headers.get("Content-Encoding") == encoding
    assert (len(answer.data) < 2000) is bool(encoding)
    answer.close()


@pytest.mark.parametrize("path", ["/static/manifest.json", "/static/.stamp", "/static/../build.py", "/static/none.js"])
def test_nothing_else_is_served(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


def test_an_unknown_name_and_a_missing_build_say_what_to_do(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), pytest.raises(ConfigError, match=r"no asset 'js/none.js'.*make assets"):
        assets.asset("js/none.js")
    with pytest.raises(ConfigError, match="make assets"):
        assets.Assets(tmp_path / "nowhere").url("js/bus.js")


def test_preload_links_fetch_each_file_as_it_will_be_used(vendor: Path) -> None:
    built = assets.Assets(vendor)
    links = built.preloads([*built.names("core/", ".js"), "micropython/micropython.wasm", "wire/events.py"])
    assert [(link["rel"], link["kind"], link["type"]) for link in links] == [
        ("modulepreload", "", ""),
        ("modulepreload", "", ""),
        ("preload", "fetch", "application/wasm"),
        ("preload", "fetch", ""),
    ]
