"""`settings test --mail` sends a test mail; `doctor` asks the mail server."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from host.commands.cli import commands
from tests.host.email_update.smtp_server import MailServer, running


def run(folder: Path, port: int, address: str) -> Result:
    smtp = {"host": "127.0.0.1", "port": port, "sender": "patchbay@example.com"}
    given = ["settings", "test", "--data", str(folder), "--mail", address, "-"]
    return CliRunner().invoke(commands, given, input=json.dumps({"smtp": smtp}))


def test_the_answer_of_the_mail_server_is_shown(tmp_path: Path) -> None:
    assert CliRunner().invoke(commands, ["init", "--data", str(tmp_path)]).exit_code == 0
    with running(MailServer()) as server:
        result = run(tmp_path, server.port, "admin@example.com")
        assert result.output == "OK: smtp: the server has taken a mail to admin@example.com: 2.0.0 Ok: queued as 4711\n"
        assert [(each["From"], each["To"]) for each in server.mails] == [("patchbay@example.com", "admin@example.com")]
        server.answers["RCPT"] = "550 5.1.1 nobody here"
        refused = run(tmp_path, server.port, "admin@example.com")
    assert refused.exit_code == 1
    assert refused.stdout == "Wrong: smtp: recipient: the server answered 550 5.1.1 (5.1.1 nobody here)\n"
    wrong = run(tmp_path, server.port, "admin")
    assert (wrong.exit_code, str(wrong.exception)) == (
        1,
        "--mail: found 'admin'; allowed: an e-mail address such as agent@example.com",
    )


def doctor(folder: Path) -> list[str]:
    lines = CliRunner().invoke(commands, ["doctor", "--data", str(folder)]).output.splitlines()
    return [line for line in lines if "Mail server" in line]


def test_the_doctor_asks_the_mail_server_if_anything_is_mailed(tmp_path: Path) -> None:
    assert CliRunner().invoke(commands, ["init", "--data", str(tmp_path)]).exit_code == 0
    assert doctor(tmp_path) == []
    with running(MailServer()) as server:
        document = {
            "smtp": {"host": "127.0.0.1", "port": server.port},
            "queues": [{"name": "Sales", "email_outcome": {"enabled": True, "address": "crm@example.com"}}],
        }
        given = ["settings", "import", "--data", str(tmp_path), "-"]
        assert CliRunner().invoke(commands, given, input=json.dumps(document)).exit_code == 0
        assert doctor(tmp_path) == [f"ok     Mail server 127.0.0.1:{server.port}"]
        assert server.mails == []
    [found] = doctor(tmp_path)
    assert found.startswith(f"wrong  Mail server 127.0.0.1:{server.port}: connect: the connection is refused; see")
