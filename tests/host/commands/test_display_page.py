"""`settings import` and `settings test` tell the admin what the CRM's page says about frames."""

import json
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from host.commands.cli import commands
from tests.host.orchestration.test_display_crm import Pages
from tests.serving import served


@pytest.fixture(scope="module")
def crm() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}"


def run(folder: Path, command: str, url: str | None = None) -> Result:
    document = {"crm": {"allow_private_addresses": True}, "display_crm": {"enabled": True, "url": url}}
    given = ["-"] if url else []
    return CliRunner().invoke(
        commands, ["settings", command, "--data", str(folder), *given], input=json.dumps(document) if url else ""
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert CliRunner().invoke(commands, ["init", "--data", str(tmp_path)]).exit_code == 0
    return tmp_path


def test_the_refusal_is_told_before_saving_and_the_file_is_imported(folder: Path, crm: str) -> None:
    result = run(folder, "import", f"{crm}/home")
    assert result.exit_code == 0
    assert "Warning: display_crm.url: the page does not show in a frame" in result.stderr
    assert "Changed: display_crm.enabled" in result.stdout
    assert run(folder, "import", f"{crm}/home").stderr == ""  # it is told once


def test_a_file_is_tried_without_saving_it(folder: Path, crm: str) -> None:
    result = run(folder, "test", f"{crm}/home")
    assert result.exit_code == 1
    assert result.stdout.startswith("Wrong: display_crm.url: the page does not show in a frame")
    assert run(folder, "test").stdout == "There is nothing to try: display_crm is off.\n"


def test_what_is_stored_is_tried_as_well(folder: Path, crm: str) -> None:
    assert run(folder, "import", f"{crm}/open").stderr == ""
    result = run(folder, "test")
    assert (result.exit_code, result.stdout[:44]) == (0, "OK: display_crm.url: the page may be framed ")
