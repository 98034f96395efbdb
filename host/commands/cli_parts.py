"""What several commands of the command line share: options, the process settings, and opening a host."""

import os
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from host.config import Config

if TYPE_CHECKING:
    from host.commands.serve import Opened

data_option = click.option("--data", metavar="DIR", help="Data folder; goes before PATCHBAY_DATA.")
port_option = click.option("--port", type=int, metavar="N", help="Port of the web process; goes before PATCHBAY_PORT.")


def read_config(data: str | None, port: int | None = None, **overrides: object) -> Config:
    """Return the process settings; options go before the environment."""
    return Config.from_env(os.environ, data=data, port=port, **overrides)


def open_host(data: str | None) -> AbstractContextManager["Opened"]:
    """Open an existing host: a misspelled folder must not be created."""
    from host import data_folder
    from host.commands.serve import opened

    config = read_config(data)
    data_folder.find(config.data)
    return opened(config)


def say(line: str) -> None:
    """Print a line at once."""
    click.echo(line)
    sys.stdout.flush()  # line by line, also into files and pipes
