"""The command line: `patchbay COMMAND`. Exit codes: 0 done, 1 failed, 2 wrong usage.

Commands import what they need when they run, so that --help is quick.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from host.commands import settings_cli
from host.commands.cli_parts import data_option, open_host, port_option, read_config, say
from host.config import VARIABLES, Config
from host.errors import HostError

if TYPE_CHECKING:
    pass

EPILOG = "\b\nEnvironment:\n" + "\n".join(
    f"  {variable.env}{f' ({variable.default})' if variable.default else ''}: {variable.help}" for variable in VARIABLES
)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(epilog=EPILOG)
@click.version_option(package_name="patchbay")
def commands() -> None:
    """Host browser-embedded agent adapters: calls and chats beside any CRM."""


commands.add_command(settings_cli.settings)


def main() -> None:
    """Run a command; print an error that a person can correct as one line, without a traceback."""
    try:
        commands.main(prog_name="patchbay")
    except HostError as error:
        click.echo(f"patchbay: {error}", err=True)
        sys.exit(1)
    except OSError as error:  # a problem of the machine, such as a full disk
        click.echo(f"patchbay: {error}", err=True)
        sys.exit(1)


@commands.command()
@data_option
@port_option
@click.option(
    "--settings", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Import this file first."
)
@click.option("--demo", is_flag=True, help="With the demo set-up and the starter CRM.")
def serve(data: str | None, port: int | None, settings: Path | None, *, demo: bool) -> None:
    """Run the host: web and worker, until Ctrl-C."""
    from host.commands.serve import serve as run

    run(read_config(data, port), settings, demo=demo, say=say)


@commands.command()
@data_option
@port_option
def web(data: str | None, port: int | None) -> None:
    """Run a web process alone."""
    from host.commands.processes import web as run

    config = read_config(data, port)
    _begin_process(config, "web")
    run(config)


@commands.command()
@data_option
def worker(data: str | None) -> None:
    """Run a worker process alone."""
    from host.commands.processes import worker as run

    config = read_config(data)
    _begin_process(config, "worker")
    run(config)


@commands.command()
@data_option
@click.option("--port", "crm_port", type=int, metavar="N", help="Its port; goes before PATCHBAY_CRM_PORT.")
@click.option("--faults", is_flag=True, help="Let tests switch faults on.")
def crm(data: str | None, crm_port: int | None, *, faults: bool) -> None:
    """Run the starter CRM, a small CRM to try the host with."""
    from crm_shell.starter_crm.keys import app_key
    from crm_shell.starter_crm.serve import serve as run
    from host import data_folder
    from host.lifeline import hold_forks
    from host.listening import listen

    config = read_config(data, crm_port=crm_port)
    _begin_process(config, "crm")
    data_folder.make(config.data)
    folder = config.data / "starter-crm"
    listen(config.bind, config.crm_port).close()  # raises a clear error if the port is in use
    hold_forks()
    run(folder, config.crm_port, app_key(folder), config.crm_frame_ancestors, bind=config.bind, faults=faults)


@commands.command()
@data_option
@click.option("--demo", is_flag=True, help="The demo set-up: users, queues, the starter CRM.")
def init(data: str | None, *, demo: bool) -> None:
    """Prepare the data folder: tables, first admin, company key."""
    from host.commands.serve import prepare

    for line in prepare(read_config(data), demo=demo):
        say(line)


@commands.group()
def keys() -> None:
    """The keys that secrets are encrypted with, and the company keys of the platform API."""


@keys.command()
@data_option
def rotate(data: str | None) -> None:
    """Make a new key, and encrypt all stored secrets with it."""
    with open_host(data) as host:
        click.echo(f"Secrets encrypted with the newest key: {host.settings.rotate()}")


@keys.command("add")
@data_option
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(("read", "write")), help="What it may do: read.")
def add_key(data: str | None, name: str, scopes: tuple[str, ...]) -> None:
    """Make a company key for NAME, such as "Telephony gateway"; its secret is shown only now."""
    from host.commands import company_keys

    with open_host(data) as host:
        for line in company_keys.add(host.database, name, scopes or ("read",)):
            click.echo(line)


@keys.command("list")
@data_option
def list_keys(data: str | None) -> None:
    """List the company keys, what each may do, and when it was last used."""
    from host.commands import company_keys

    config = read_config(data)
    with open_host(data) as host:
        for line in company_keys.listed(host.database, config):
            click.echo(line)


@keys.command("renew")
@data_option
@click.argument("key")
@click.option("--keep-hours", type=click.IntRange(0, 24 * 90), default=24, help="How long the old secret is good: 24.")
def renew_key(data: str | None, key: str, keep_hours: int) -> None:
    """Give a company KEY another secret, which is shown only now."""
    from host.commands import company_keys

    config = read_config(data)
    with open_host(data) as host:
        for line in company_keys.renew(host.database, config, key, keep_hours):
            click.echo(line)


@keys.command("remove")
@data_option
@click.argument("key")
def remove_key(data: str | None, key: str) -> None:
    """Delete a company KEY: nobody gets in with it from now on."""
    from host.commands import company_keys

    with open_host(data) as host:
        click.echo(company_keys.remove(host.database, key))


@commands.command()
@data_option
def doctor(data: str | None) -> None:
    """Check this installation, and say what to do about what is wrong."""
    from host.commands.doctor import examine

    findings = examine(read_config(data))
    for finding in findings:
        click.echo(finding.line())
    if any(finding.is_wrong for finding in findings):
        sys.exit(1)


@commands.command()
def openapi() -> None:
    """Print the OpenAPI document of the platform API and of /api/crm."""
    from host.web.openapi.document import as_text

    click.echo(as_text(), nl=False)


@commands.command()
@data_option
@click.argument("session", type=int)
def trace(data: str | None, session: int) -> None:
    """Print each call to the CRM for SESSION, and what was decided.

    Secrets are masked always; phones, e-mails and names once the session has ended.
    """
    from host.crm.intents.trace import rows
    from host.crm.intents.trace_report import as_lines
    from host.sessions import repository

    with open_host(data) as host, host.database.read() as connection:
        repository.get(connection, session)
        for line in as_lines(rows(connection, session)):
            click.echo(line)


@commands.command()
@data_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(data: str | None, file: Path) -> None:
    """Write database, keys and files to FILE, while the host runs or not."""
    from host.commands.backup import backup as run

    run(read_config(data), file)
    say(f"Everything is in {file}, the keys too: keep it where only admins can read it.")


@commands.command()
@data_option
@click.argument("file", type=FILE)
def restore(data: str | None, file: Path) -> None:
    """Put everything back from FILE, a backup; the host must be stopped."""
    from host.commands.backup import restore as run

    run(read_config(data), file)
    say(f"Everything is as it was in {file}.")


@commands.command()
@data_option
@click.option("--agents", type=click.IntRange(1, 5000), default=4, help="How many agents: 4.")
@click.option("--calls", type=click.IntRange(0), default=10, help="How many calls: 10.")
@click.option("--chats", type=click.IntRange(0), default=10, help="How many chats: 10.")
@click.option("--seed", type=int, default=1, help="Of everything that is decided by chance: 1.")
@click.option("--minutes", type=click.FloatRange(0), help="The time in which the sessions begin; else by the agents.")
@click.option("--fault", "faults", multiple=True, metavar="NAME=SHARE", help="Such as drop=0.1; may be repeated.")
@click.option("--url", help="Another host, whose agents were added there with the same --password.")
@click.option("--key", help="Company key for the platform API; else this installation's.")
@click.option("--secret", envvar="PATCHBAY_SIMULATION_SECRET", help="Its secret; also PATCHBAY_SIMULATION_SECRET.")
@click.option("--password", envvar="PATCHBAY_SIMULATION_PASSWORD", help="Of the agents; also the variable's.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def simulate(data: str | None, *, as_json: bool, **options: Any) -> None:
    """Put calls and chats into a running host, play consumers and agents, and check that nothing is lost or doubled.

    Adds the agents sim-1@example.com, sim-2@example.com, ... and the queues "Simulation / A" and "Simulation / B" to
    this machine's host, and deactivates the agents afterwards. With --url nothing is added: run it on that host's
    machine with --calls 0 --chats 0 --password ... first, which leaves the agents active.

    Exit code 0: everything is right; 1: it isn't. See docs/simulate.md for the report and for the faults: duplicate,
    reorder, delay, drop, closed_tabs, slow_crm, crm_500_after_commit.
    """
    from host.commands import simulate as command
    from host.gate import writing

    report = command.run(read_config(data), command.Options(**options), lambda line: click.echo(line, err=True))
    if as_json:
        click.echo(writing.text(report.as_json(), indent=1))
    else:
        for line in report.lines():
            click.echo(line)
    if not report.is_ok:
        sys.exit(1)


def _begin_process(config: Config, name: str) -> None:
    from host import lifeline, logs

    lifeline.watch()
    logs.configure(config.log_level, name, config.log_format)


if __name__ == "__main__":
    main()
