"""Listening sockets."""

import pytest

from host.errors import ConfigError
from host.listening import listen


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ConfigError, match=f"port {port}: another program has it"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigError, match="PATCHBAY_BIND must be an address of this machine"):
        listen("192.0.2.1", 0)
