"""`patchbay settings ...`: export, import, lint, test, and the addresses where accounts are linked."""

import sys
from typing import Any

import click

from host.commands.cli_parts import data_option, open_host, read_config


@click.group()
def settings() -> None:
    """Settings as a file."""


@settings.command("export")
@data_option
def export_settings(data: str | None) -> None:
    """Write the settings to standard output; secrets are left out."""
    from host.commands.settings import export_text

    with open_host(data) as host:
        click.echo(export_text(host.settings), nl=False)


@settings.command("import")
@data_option
@click.argument("file", type=click.File(encoding="utf-8"))
def import_settings(data: str | None, file: Any) -> None:
    """Take settings from FILE (- is standard input), all of it or nothing, and say what has changed."""
    from host.commands.settings import import_text, new_display_page

    config, text = read_config(data), file.read()
    with open_host(data) as host:
        tried = new_display_page(host.settings, text, config.public_url)
        if tried and not tried.is_fine:
            click.echo(f"Warning: {tried.path}: {tried.words}", err=True)
        imported = import_text(host.settings, text)
    for warning in imported.warnings:
        click.echo(f"Warning: {warning}", err=True)
    for change in imported.changes:
        click.echo(f"Changed: {change}")
    if not imported.changes:
        click.echo("Nothing has changed.")


@settings.command("lint")
@click.argument("file", type=click.File(encoding="utf-8"))
def lint_settings(file: Any) -> None:
    """Check a settings file without importing it."""
    from host.commands.settings import lint_text

    problems, warnings = lint_text(file.read())
    for warning in warnings:
        click.echo(f"Warning: {warning}")
    for problem in problems:
        click.echo(f"Wrong: {problem}")
    if problems:
        sys.exit(1)
    click.echo("Nothing is wrong.")


@settings.command("test")
@data_option
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@click.option("--mail", metavar="ADDRESS", help="Send a test mail to this address, too.")
@click.option("--storage", is_flag=True, help="Write, read, rename and delete a probe in the external storage, too.")
def test_settings(data: str | None, file: Any, mail: str | None, *, storage: bool) -> None:
    """Try what the settings name: whether the CRM's page may be framed.

    With FILE, the settings as they would be after its import; nothing is saved.
    """
    from host.commands.settings import try_mail, try_out, try_storage

    config, text = read_config(data), file.read() if file else None
    with open_host(data) as host:
        results = try_out(host.settings, text, config.public_url)
        if storage:
            results.append(try_storage(host.settings, text, host.storage))
        if mail is not None:
            results.append(try_mail(host.settings, text, mail, config.public_url))
    for result in results:
        click.echo(f"{'OK' if result.is_fine else 'Wrong'}: {result.path}: {result.words}")
    if not results:
        click.echo("There is nothing to try: display_crm is off.")
    if not all(result.is_fine for result in results):
        sys.exit(1)


@settings.command("oauth-url")
@data_option
def oauth_url(data: str | None) -> None:
    """Print where to connect the CRM by OAuth, for a set-up without the portal.

    Open it within ten minutes in a browser that can reach this host, and sign in there as an admin when asked.
    """
    with open_host(data) as host:
        click.echo(host.crm_oauth.authorization_url(None))
        click.echo(
            "Open it within ten minutes. The CRM leads back to "
            f"{host.crm_oauth.redirect_uri}, which takes the answer when an admin is signed in.",
            err=True,
        )


@settings.command("storage-oauth-url")
@data_option
def storage_oauth_url(data: str | None) -> None:
    """Print where to link a Google account for the external storage, for a set-up without the portal.

    Open it within ten minutes in a browser that can reach this host, and sign in there as an admin when asked.
    """
    with open_host(data) as host:
        click.echo(host.storage.link.authorization_url(None))
        click.echo(
            f"Open it within ten minutes. Google leads back to {host.storage.link.redirect_uri}, "
            "which takes the answer when an admin is signed in.",
            err=True,
        )
