"""Open the sockets that the servers listen on."""

import errno
import socket

from host.errors import ConfigError

BACKLOG = 4096


def listen(bind: str, port: int) -> socket.socket:
    """Open a listening socket. gunicorn would try five times, and its message says little.

    Raises:
        ConfigError: The port is in use or needs more rights, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    try:
        return socket.create_server((bind, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConfigError(f"Cannot listen on {bind} port {port}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "another program has it. Stop that one, or choose another port."
    if error.errno == errno.EACCES:
        return "ports below 1024 need rights that this user has not. Choose another port."
    return f"{error.strerror or error}. PATCHBAY_BIND must be an address of this machine."
