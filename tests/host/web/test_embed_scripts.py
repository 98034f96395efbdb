import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from host.web import assets, embed_scripts
from static import build

PARTS = build.ROOT / "static/js/embed"


@pytest.fixture
def client() -> FlaskClient:
    build.build(build.ROOT)
    app = Flask("tests", root_path=str(build.ROOT), static_folder=None)
    assets.init_app(app)
    app.register_blueprint(embed_scripts.blueprint)
    return app.test_client()


@pytest.mark.parametrize("name", embed_scripts.SCRIPTS)
def test_a_script_is_one_function_for_any_page(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers
    assert answer.text.startswith('(() => {\n"use strict";')
    assert answer.text.endswith("})();\n")


def test_browsers_ask_for_news_and_keep_what_is_not_old(client: FlaskClient) -> None:
    first = client.get("/embed.js")
    assert "max-age=300" in first.headers["Cache-Control"]
    again = client.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/consumer.js").headers["ETag"] != first.headers["ETag"]


def test_every_part_is_served() -> None:
    assert {part for parts in embed_scripts.SCRIPTS.values() for part in parts} == {
        path.stem for path in PARTS.glob("*.js")
    }


@pytest.mark.parametrize("path", sorted(PARTS.glob("*.js")), ids=lambda path: path.name)
def test_no_part_posts_to_everybody_or_needs_a_laxer_policy(path: Path) -> None:
    text = path.read_text()
    for forbidden in (
        r"postMessage\([^)]*[\"']\*[\"']",
        "innerHTML",
        "insertAdjacent",
        r"\beval\b",
        "new Function",
        "srcdoc",
    ):
        assert not re.search(forbidden, text), forbidden
    # Two parts that declare the same name would break the script they are joined to.
    names = re.findall(r"^(?:const|let|function|async function) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", embed_scripts.SCRIPTS)
def test_joined_parts_declare_no_name_twice(client: FlaskClient, name: str) -> None:
    names = re.findall(r"^(?:const|let|function|async function) (\w+)", client.get(f"/{name}").text, re.MULTILINE)
    assert len(names) == len(set(names))
