"""The command line."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from host.commands import doctor
from host.commands.cli import commands
from host.config import VARIABLES


@pytest.mark.parametrize(
    "command",
    [
        "serve",
        "web",
        "worker",
        "crm",
        "init",
        "settings",
        "settings export",
        "settings lint",
        "settings oauth-url",
        "settings storage-oauth-url",
        "settings test",
        "keys rotate",
        "keys add",
        "keys list",
        "keys renew",
        "keys remove",
        "doctor",
        "trace",
        "simulate",
        "backup",
        "restore",
    ],
)
def test_every_command_has_help(command: str) -> None:
    result = _run(*command.split(), "--help")

    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_help_names_every_variable() -> None:
    help_text = _run("--help").output

    assert [variable.env for variable in VARIABLES if variable.env not in help_text] == []


def test_wrong_usage_is_2() -> None:
    assert _run("nonsense").exit_code == 2
    assert _run("serve", "--port", "http").exit_code == 2


def test_what_cannot_be_done_is_1_and_one_line() -> None:
    command = [sys.executable, "-m", "host.commands.cli", "doctor"]

    done = subprocess.run(command, env={"PATCHBAY_PORT": "0"}, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == "patchbay: PATCHBAY_PORT: found '0', but a port is a whole number from 1 to 65535\n"


def test_init_makes_an_admin_once(tmp_path: Path) -> None:
    first = _run("init", "--data", str(tmp_path)).output
    second = _run("init", "--data", str(tmp_path)).output

    assert "admin@example.com" in first
    assert second == ""


def test_the_demo_keeps_its_sign_ins_for_their_owner_only(tmp_path: Path) -> None:
    result = _run("init", "--demo", "--data", str(tmp_path), PATCHBAY_DEMO_PASSWORD="from the environment")

    kept = tmp_path / "demo-sign-ins.txt"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().count("from the environment") == 4
    assert kept.read_text() in result.output


def test_a_second_demo_start_keeps_the_settings(tmp_path: Path) -> None:
    _run("init", "--demo", "--data", str(tmp_path), PATCHBAY_DEMO_PASSWORD="one")
    changed = json.dumps({"version": 1, "product_name": "Ours"})
    assert _run("settings", "import", "--data", str(tmp_path), "-", input=changed).exit_code == 0

    again = _run("init", "--demo", "--data", str(tmp_path)).output

    assert again == f"The demo's sign-ins are kept in {tmp_path / 'demo-sign-ins.txt'}\n"
    assert json.loads(_run("settings", "export", "--data", str(tmp_path)).stdout)["product_name"] == "Ours"


def test_an_export_is_importable_and_holds_no_secret(tmp_path: Path) -> None:
    _run("init", "--demo", "--data", str(tmp_path), PATCHBAY_DEMO_PASSWORD="one")
    exported = _run("settings", "export", "--data", str(tmp_path)).stdout

    imported = _run("settings", "import", "--data", str(tmp_path), "-", input=exported)

    assert imported.exit_code == 0
    assert _run("settings", "export", "--data", str(tmp_path)).stdout == exported
    assert (tmp_path / "starter-crm" / "api-key").read_text().strip() not in exported


def test_an_import_says_what_has_changed(tmp_path: Path) -> None:
    _run("init", "--data", str(tmp_path))
    given = json.dumps({"version": 1, "chat": {"end_after_s": 7}})

    first, second = (_run("settings", "import", "--data", str(tmp_path), "-", input=given).stdout for _ in range(2))

    assert first == "Changed: chat.end_after_s: 3600 -> 7\n"
    assert second == "Nothing has changed.\n"


def test_the_doctor_has_no_advice_about_a_fresh_demo(tmp_path: Path) -> None:
    _run("init", "--demo", "--data", str(tmp_path), PATCHBAY_DEMO_PASSWORD="one")

    examined = _run("doctor", "--data", str(tmp_path)).stdout

    about_us = [line for line in examined.splitlines() if not line.startswith("ok") and "Python" not in line]
    assert [line for line in about_us if "Port" not in line] == []


def test_lint_lists_what_is_wrong() -> None:
    result = _run("settings", "lint", "-", input='{"version": 1, "crm": {"tipe": "custom"}}')

    assert result.exit_code == 1
    assert "Wrong: crm.tipe" in result.output


def test_rotating_keys_keeps_the_secrets(tmp_path: Path) -> None:
    _run("init", "--demo", "--data", str(tmp_path), PATCHBAY_DEMO_PASSWORD="one")
    before = (tmp_path / "secret-keys").read_text()

    result = _run("keys", "rotate", "--data", str(tmp_path))

    assert result.output == "Secrets encrypted with the newest key: 1\n"
    assert (tmp_path / "secret-keys").read_text() != before
    assert _run("settings", "export", "--data", str(tmp_path)).exit_code == 0


def test_company_keys_are_made_listed_renewed_and_removed(tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        return _run("keys", *arguments, "--data", str(tmp_path))

    _run("init", "--data", str(tmp_path))
    first = json.loads((tmp_path / "company-key.json").read_text())
    made = run("add", "Telephony gateway", "--scope", "read", "--scope", "write").stdout
    key, secret = made.split()[-3], made.split()[-1]
    assert "Telephony gateway may read and write" in made
    assert "Reports may read." in run("add", "Reports").stdout
    renewed = run("renew", key).stdout
    listed = run("list").stdout
    assert f"{first['key']}  the first  may read and write" in listed
    assert f"{key}  Telephony gateway  may read and write  never used  old secret until" in listed
    assert first["secret"] not in listed
    assert secret not in listed + renewed
    assert run("remove", key).exit_code == 0
    assert key not in run("list").stdout
    assert [run(*arguments).exit_code for arguments in (("remove", key), ("renew", key), ("add", "Reports"))] == [
        1,
        1,
        1,
    ]
    assert run("renew", first["key"]).exit_code == 0
    again = json.loads((tmp_path / "company-key.json").read_text())
    assert (again["key"], again["secret"] == first["secret"]) == (first["key"], False)
    assert stat.S_IMODE((tmp_path / "company-key.json").stat().st_mode) == 0o600


def test_a_key_of_the_environment_is_changed_there(tmp_path: Path) -> None:
    given = {"PATCHBAY_COMPANY_KEY": "acme", "PATCHBAY_COMPANY_SECRET": "s3cret"}
    _run("init", "--data", str(tmp_path), **given)
    result = _run("keys", "renew", "acme", "--data", str(tmp_path), **given)
    assert result.exit_code == 1
    assert "in PATCHBAY_COMPANY_KEY" in _run("keys", "list", "--data", str(tmp_path), **given).stdout


OAUTH = {
    "method": "oauth2",
    "authorization_url": "https://crm.example/authorize",
    "token_url": "https://crm.example/token",
    "client_id": "patchbay",
    "client_secret": "planted-secret",
    "state": "ours",
}


def test_the_authorization_url_is_printed_alone(tmp_path: Path) -> None:
    crm = {"type": "custom", "auth": OAUTH, "allowed_hosts": ["crm.example"]}
    given = json.dumps({"version": 1, "crm": crm})
    _run("settings", "import", "--data", str(tmp_path), "-", input=given)

    result = _run("settings", "oauth-url", "--data", str(tmp_path), PATCHBAY_PUBLIC_URL="https://patchbay.example")

    [url] = result.stdout.splitlines()
    assert url.startswith("https://crm.example/authorize?response_type=code&client_id=patchbay&redirect_uri=https")
    assert "patchbay.example%2Fportal%2Fsettings%2Fcrm%2Foauth%2Fcallback" in url
    assert url.partition("&state=")[2].partition("&")[0].endswith(".ours")
    assert "ten minutes" in result.stderr
    assert "planted-secret" not in result.output
    examined = _run("doctor", "--data", str(tmp_path)).output
    assert "wrong  CRM connection: OAuth is set, and nobody has connected it" in examined


def test_without_oauth_there_is_no_authorization_url(tmp_path: Path) -> None:
    result = _run("settings", "oauth-url", "--data", str(tmp_path))

    assert result.exit_code == 1
    assert 'crm.auth.method: found "headers"; only "oauth2" is connected' in str(result.exception)


def test_the_doctor_says_what_to_do_about_an_empty_folder(tmp_path: Path) -> None:
    result = _run("doctor", "--data", str(tmp_path / "none"))

    assert result.exit_code == 1
    assert "wrong  Database: there is none yet; `patchbay init` makes it." in result.output
    assert not (tmp_path / "none").exists()


def _run(*arguments: str, input: str | None = None, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(commands, arguments, input=input)


def test_the_doctor_names_listener_files_that_are_missing(tmp_path: Path) -> None:
    given = json.dumps({"version": 1, "listeners": {"files": ["listeners/mine.py"]}})
    _run("settings", "import", "--data", str(tmp_path), "-", input=given)

    examined = _run("doctor", "--data", str(tmp_path)).output

    assert "wrong  Listener files: listeners/mine.py: there is no such file" in examined


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ((3, 11, 13), "3.11.14"),
        ((3, 11, 14), None),
        ((3, 12, 3), "3.12.12"),
        ((3, 13, 5), "3.13.6"),
        ((3, 14, 0), None),
    ],
)
def test_the_doctor_knows_which_python_lacks_fixes(version: tuple[int, int, int], wanted: str | None) -> None:
    finding = doctor.python(version)
    assert not finding.advice
    assert (f"({wanted} is the first" in finding.what) if wanted else "(" not in finding.what
    assert wanted is None or wanted in Path("README.md").read_text(encoding="utf-8")
