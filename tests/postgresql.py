"""A private PostgreSQL for tests: a cluster in a temporary folder, deleted afterwards.

It answers on a loopback port, with a password, so that nobody else on the machine gets in.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine

from host.db.tables import metadata

PLACES = "/usr/lib/postgresql/*/bin"
ACCOUNT = "postgres"
"""Debian's account, for when the tests run as root, whom PostgreSQL refuses."""
QUICK = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}
STARTS_WITHIN_S = 90

CLEAN_UP = """
read -r _
if pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null); then
  kill -QUIT "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
rm -rf "$0"
"""
"""Waits until our end of its standard input closes: when we are done, or were killed."""

END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
EMPTY = """
SET session_replication_role = replica;
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false)
  FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
"""Without triggers, so that no order of tables matters. `TRUNCATE` takes ten times as long, for many small tables."""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"

Session = psycopg.Connection[tuple[Any, ...]]


class Cluster:
    """A PostgreSQL server with any number of databases.

    Args:
        keeps: Whether what is committed survives a loss of power: slower, as with real data.
    """

    def __init__(self, *, keeps: bool = False) -> None:
        self._settings = {"max_connections": "300"} if keeps else QUICK
        self._programs = programs()
        self._password = secrets.token_urlsafe(12)
        self._folder = Path(tempfile.mkdtemp(prefix="patchbay-postgresql-"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, ACCOUNT, ACCOUNT)
        self._port = _free_port()
        self._cleaner = subprocess.Popen(
            ["/bin/sh", "-c", CLEAN_UP, str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._server: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._spare: list[str] = []

    def create(self) -> None:
        """Make the cluster, start it, and lay down the tables that databases are copied from."""
        secret = self._folder / "password"
        secret.write_text(self._password)
        if os.geteuid() == 0:
            shutil.chown(secret, ACCOUNT, ACCOUNT)
        options = ("--username=tests", f"--pwfile={secret}", "--auth=password", "--encoding=UTF8", "--locale=C")
        self._run("initdb", f"--pgdata={self._data}", *options, "--no-sync", "--no-instructions")
        self.start()
        engine = create_engine(self.empty("tables"))
        metadata.create_all(engine)
        engine.dispose()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": str(self._folder),
        }
        given = [f"--{name}={value}" for name, value in settings.items()]
        with (self._folder / "log").open("ab") as log:
            self._server = self._popen("postgres", "-D", str(self._data), *given, output=log)
        give_up_at = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"PostgreSQL doesn't start: {(self._folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as `pg_ctl -m immediate` does, like a machine that loses its power: it recovers when it starts."""
        if self._server is not None:
            with self._admin() as session:
                session.execute("CHECKPOINT")  # all tests' databases would be recovered, one by one
            self._halt()

    def destroy(self) -> None:
        """Stop it and delete its folder."""
        self._halt()
        self._cleaner.communicate()

    def empty(self, name: str) -> str:
        """Make a database without tables; return its address."""
        with self._admin() as session:
            session.execute(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def with_tables(self) -> str:
        """Make a database with all tables, empty; return its address, which no other has had."""
        self._count += 1
        name = f"test_{self._count}"
        with self._admin() as session:
            if self._spare:
                session.execute(f'ALTER DATABASE "{self._spare.pop()}" RENAME TO "{name}"')
            else:
                session.execute(f'CREATE DATABASE "{name}" TEMPLATE tables STRATEGY file_copy')
        return self._url(name)

    def drop(self, url: str) -> None:
        """Delete a database, whoever is still connected; one with all tables is emptied and used again: much faster."""
        name = url.rpartition("/")[2]
        if name.startswith("test_") and self._emptied(url):
            self._spare.append(name)
            return
        with self._admin() as session:
            session.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _emptied(self, url: str) -> bool:
        """Empty a database; tell whether it is as it was made."""
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as session:
            session.execute(END_OTHERS)
            session.execute("DROP SCHEMA IF EXISTS dbos CASCADE")
            session.execute(EMPTY)
            found = {name for (name,) in session.execute(TABLES)}
        return found == set(metadata.tables)

    def _halt(self) -> None:
        if self._server is not None:
            self._run("pg_ctl", "stop", "-D", str(self._data), "-m", "immediate", "-s")
            self._server.wait()
            self._server = None

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://tests:{self._password}@127.0.0.1:{self._port}/{name}"

    def _admin(self) -> Session:
        address = self._url("postgres").replace("+psycopg", "")
        return psycopg.connect(address, autocommit=True, connect_timeout=20)

    def _answers(self) -> bool:
        try:
            self._admin().close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        with tempfile.TemporaryFile() as output:
            if self._popen(program, *arguments, output=output).wait() != 0:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')[-2000:]}")

    def _popen(self, program: str, *arguments: str, output: Any) -> subprocess.Popen[bytes]:
        command: Sequence[str] = [str(self._programs / program), *arguments]
        account = ACCOUNT if os.geteuid() == 0 else None
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            start_new_session=True,
            user=account,
            group=account,
            extra_groups=None if account is None else [],
        )


@contextmanager
def private_server(*, keeps: bool = False) -> Iterator[Cluster]:
    """Run one for as long as the block does; `keeps` as in `Cluster`."""
    cluster = Cluster(keeps=keeps)
    try:
        cluster.create()
        yield cluster
    finally:
        cluster.destroy()


def programs() -> Path:
    """Return where the newest PostgreSQL's programs are.

    Raises:
        RuntimeError: It isn't installed; the tests that need it must fail, not be left out.
    """
    found = [path for path in Path("/").glob(PLACES.lstrip("/")) if (path / "initdb").exists()]
    if not found:
        raise RuntimeError(f"PostgreSQL is missing ({PLACES}); install it: apt-get install postgresql")
    return max(found, key=lambda path: float(path.parent.name))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
