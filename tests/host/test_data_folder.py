"""What keeps every command from its data: one line that says what and what to do, and exit code 1."""

import os
import pwd
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.product import free_ports

COMMANDS = ["serve", "web", "worker", "crm", "init"]
SOMEBODY = 54321
"""Whom no machine has."""
AS_EVERYBODY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""Takes from root the right to use other users' files."""


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    web, crm = free_ports(2)
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PATCHBAY_", "DATABASE_"))}
    return subprocess.run(
        [*AS_EVERYBODY, sys.executable, "-m", "host.commands.cli", *arguments],
        env={**ours, "PATCHBAY_PORT": str(web), "PATCHBAY_CRM_PORT": str(crm), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def the_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1, done
    [line] = done.stderr.splitlines()
    assert line.startswith("patchbay: ")
    return line


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_in_the_place_of_the_folder(tmp_path: Path, command: str) -> None:
    file = tmp_path / "data"
    file.touch()
    for folder in (file, file / "below"):
        assert "a file is in its place. Move the file" in the_line(run(command, "--data", str(folder)))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_cannot_be_made(command: str) -> None:
    line = the_line(run(command, "--data", "/proc/patchbay"))
    assert "Data folder /proc/patchbay: it can't be made" in line
    assert "choose another folder with --data" in line


@pytest.mark.parametrize(
    ("command", "name"),
    [*((command, "") for command in [*COMMANDS, "settings export"]), ("serve", "patchbay.db"), ("init", "secret-keys")],
)
def test_a_folder_of_another_user(tmp_path: Path, command: str, name: str) -> None:
    path = tmp_path / name
    if name:
        path.touch()
    take_away(path)
    line = the_line(run(*command.split(), "--data", str(tmp_path)))
    we = pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        assert f"{path} belongs to user {SOMEBODY}, and root can't use it. Run this as user {SOMEBODY}" in line
        assert f"chown -R root {tmp_path}" in line
    else:
        assert f"{we} can't read and write {path}. Run `chmod -R u+rwX {tmp_path}`" in line
    path.chmod(0o700)


def take_away(path: Path) -> None:
    """Give it to somebody else, or without the right to do that let nobody use it."""
    path.chmod(0o700 if os.geteuid() == 0 else 0)
    if os.geteuid() == 0:
        os.chown(path, SOMEBODY, SOMEBODY)


@pytest.mark.parametrize("command", ["serve", "web", "worker", "init", "doctor"])
def test_a_database_that_is_away(tmp_path: Path, command: str) -> None:
    [port] = free_ports(1)
    url = f"postgresql://patchbay:hunter2@127.0.0.1:{port}/patchbay"
    done = run(command, "--data", str(tmp_path / "data"), DATABASE_URL=url)
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert f"The database patchbay at 127.0.0.1:{port} can't be reached: " in said
    assert "Connection refused. Start it, or correct DATABASE_URL." in said
    assert "hunter2" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@127.0.0.1:port/x", "postgresql://u:hunter2@[::1/x"])
def test_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    line = the_line(run("init", "--data", str(tmp_path), DATABASE_URL=url))
    assert "DATABASE_URL: found no address of a database" in line
    assert "hunter2" not in line


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "patchbay.db").write_text("x" * 5000)
    assert "file is not a database" in the_line(run("serve", "--data", str(tmp_path)))


def test_a_backup_into_a_folder_that_is_missing(tmp_path: Path) -> None:
    assert run("init", "--data", str(tmp_path / "data")).returncode == 0
    target = tmp_path / "missing" / "backup.tar.gz"
    line = the_line(run("backup", "--data", str(tmp_path / "data"), str(target)))
    assert f"There is no folder {target.parent}; make it" in line
    assert not target.parent.exists()


@pytest.mark.parametrize(
    "command", ["settings import", "settings export", "settings oauth-url", "keys rotate", "keys list"]
)
def test_a_misspelt_folder_is_not_made(tmp_path: Path, command: str) -> None:
    arguments = [*command.split(), "--data", str(tmp_path / "misspelt")]
    line = the_line(run(*arguments, *(["-"] if command == "settings import" else [])))
    assert f"There is no data folder {tmp_path / 'misspelt'}. `patchbay init` makes one" in line
    assert not (tmp_path / "misspelt").exists()


def test_a_folder_of_other_things_does_not_become_ours(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    assert "is no data folder: it holds letters" in the_line(run("settings", "export", "--data", str(tmp_path)))
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


def test_the_starter_crms_port_is_asked_for_too(tmp_path: Path) -> None:
    web, crm = free_ports(2)
    with socket.create_server(("127.0.0.1", crm)):
        done = run("serve", "--demo", "--data", str(tmp_path), PATCHBAY_PORT=str(web), PATCHBAY_CRM_PORT=str(crm))
    assert f"The starter CRM: Cannot listen on 127.0.0.1 port {crm}: another program has it." in the_line(done)
    done = run("serve", "--demo", "--data", str(tmp_path), PATCHBAY_PORT=str(web), PATCHBAY_CRM_PORT=str(web))
    assert f"PATCHBAY_PORT and PATCHBAY_CRM_PORT: found {web} for both" in the_line(done)
