"""Loads the vendor's listener files after ours; errors are reported and don't stop the other files."""

import sys

from patchbay import traces

TYPE_CHECKING = False  # MicroPython has no typing; checkers take this name as true
if TYPE_CHECKING:
    from typing import Any

    from patchbay.registry import Registry
    from patchbay.shell import Page

FOLDER = "vendor_listeners"


def load(registry: "Registry", page: "Page", listed: "dict[str, Any]") -> None:
    """Import the files that the settings name, in their order.

    If a file raises, none of its handlers is registered.

    Args:
        registry: The registry of `patchbay.on`.
        page: Gets the problems.
        listed: `{"modules": ["mine"], "problems": ["listeners/gone.py: there is no such file"]}`.
    """
    sys.path.append(FOLDER)  # last, so that no vendor's file replaces one of ours
    for problem in listed["problems"]:
        page.log("error", "Listener file " + problem, "")
    for name in listed["modules"]:
        try:
            registry.extend(registry.collect(lambda name=name: __import__(name)))  # type: ignore[misc]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the edge: reported, not swallowed
            page.log("error", f"Listener file {name}.py not loaded: {error.__class__.__name__}", traces.of(error))
