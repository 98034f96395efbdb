"""The README's tables, made from the code: `python docs/tables.py` brings them up to date."""

from collections.abc import Callable, Iterable
from pathlib import Path

from host.config import VARIABLES as SETTINGS
from host.crm.catalogue import VARIABLES, Place
from host.crm.functions import FUNCTIONS
from host.wire.events import EVENTS

README = Path(__file__).resolve().parent.parent / "README.md"


def lookup_variables() -> str:
    """What may stand in the custom lookup URLs."""
    rows = [(f"`{{{item.name}}}`", item.says) for item in VARIABLES.values() if Place.LOOKUP in item.places]
    return _table(("variable", "is"), rows)


def request_variables() -> str:
    """What may stand in requests to the CRM, and which functions a parameter may use."""
    rows = [(f"`{{{item.name}}}`", item.says) for item in VARIABLES.values() if item.places != {Place.LOOKUP}]
    rows += [(f"`={item.name}(...)`", item.says) for item in FUNCTIONS.values()]
    return _table(("variable or function", "is"), rows)


def events() -> str:
    """What the adapters post to the page around them."""
    return _table(("event", "says"), [(f"`{name}`", event.says) for name, event in EVENTS.items()])


def settings() -> str:
    """What a process is told by its environment."""
    rows = [(f"`{item.env}`", f"`{item.default}`" if item.default else "", item.help) for item in SETTINGS]
    return _table(("variable", "default", "is"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "lookup variables": lookup_variables,
    "request variables": request_variables,
    "events": events,
    "settings": settings,
}


def renewed(text: str) -> str:
    """Return the README with every table as the code has it now."""
    for name, table in TABLES.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}{table()}{end}{after}"
    return text


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text("utf-8")), "utf-8")
