"""A real OpenSSH server for tests, with a folder of its own.

As root it runs in a mount namespace of its own, in which /etc/passwd and /etc/shadow have one more user: nothing of the
machine is changed.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SSHD = "/usr/sbin/sshd"
PASSWORD = "a password for tests"
PASSPHRASE = "a passphrase for tests"
STARTS_WITHIN_S = 20

IN_NAMESPACE = """
set -e
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/shadow" /etc/shadow
shift
exec "$@"
"""


@dataclass(frozen=True)
class OpenSsh:
    """A running server."""

    port: int
    folder: Path
    """Where a sign-in leads to."""
    username: str
    private_key: str
    locked_key: str
    """The same with a passphrase."""
    host_key: str

    @property
    def settings(self) -> dict[str, object]:
        """The section `sftp` of the settings."""
        return {"host": "127.0.0.1", "port": self.port, "username": self.username, "private_key": self.private_key}


@contextmanager
def open_ssh(folder: Path) -> Iterator[OpenSsh]:
    """Run a server during the block."""
    files = folder / "files"
    files.mkdir()
    for name in ("host_key", "user_key"):
        make_key(folder / name)
    shutil.copy(folder / "user_key", folder / "locked_key")
    run("ssh-keygen", "-q", "-p", "-f", folder / "locked_key", "-N", PASSPHRASE)
    port = _free_port()
    (folder / "config").write_text(_config(folder, port))
    server = subprocess.Popen([*_user(folder), SSHD, "-D", "-e", "-f", folder / "config"], stderr=subprocess.PIPE)
    try:
        _wait(server, port)
        yield OpenSsh(
            port,
            files,
            getpass.getuser(),
            (folder / "user_key").read_text(),
            (folder / "locked_key").read_text(),
            " ".join((folder / "host_key.pub").read_text().split()[:2]),
        )
    finally:
        server.terminate()
        server.communicate()


def make_key(path: Path, *kind: str) -> None:
    """Make a pair of keys."""
    run("ssh-keygen", "-q", "-N", "", *(kind or ("-t", "ed25519")), "-f", path)


def run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _config(folder: Path, port: int) -> str:
    return f"""
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile none
StrictModes no
PermitRootLogin yes
MaxStartups 100
Subsystem sftp internal-sftp -d {folder}/files
"""


def _user(folder: Path) -> list[str | Path]:
    """Return what runs the server so that our user has a password; only root can."""
    if os.geteuid() != 0:
        return []
    Path("/run/sshd").mkdir(exist_ok=True)
    digest = subprocess.run(["openssl", "passwd", "-6", PASSWORD], check=True, capture_output=True, text=True)
    shutil.copy("/etc/passwd", folder / "passwd")
    others = [line for line in Path("/etc/shadow").read_text().splitlines() if not line.startswith("root:")]
    (folder / "shadow").write_text("\n".join([f"root:{digest.stdout.strip()}:20000:0:99999:7:::", *others, ""]))
    return ["unshare", "--mount", "sh", "-c", IN_NAMESPACE, "sh", folder]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait(server: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                server.kill()
                said = server.communicate()[1].decode()
                raise AssertionError(f"sshd does not start: {said}") from None
            time.sleep(0.02)
        else:
            return
