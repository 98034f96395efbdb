"""The reference's tables, made from the code: `python -m docs.tables` brings them up to date."""

from collections.abc import Callable, Iterable
from pathlib import Path

from docs.settings_tables import endpoint_keys, sections
from host.config import VARIABLES as SETTINGS
from host.crm.templates.catalogue import VARIABLES, Place
from host.crm.templates.functions import FUNCTIONS
from host.reports.session_metadata.model import CallMetadata, ChatMetadata
from host.sessions.lifecycle import ENDED, MACHINES
from host.webhooks.event_types import TYPES as WEBHOOK_EVENTS
from host.wire.events import EVENTS
from host.wire.session_types import SESSION_TYPES

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference"

Rows = Iterable[Iterable[str]]


def lookup_variables() -> str:
    """Return what may stand in the custom lookup URLs."""
    rows = [(f"`{{{item.name}}}`", item.says) for item in VARIABLES.values() if Place.LOOKUP in item.places]
    return table(("variable", "is"), rows)


def request_variables() -> str:
    """Return what may stand in requests to the CRM."""
    rows = [(f"`{{{item.name}}}`", item.says) for item in VARIABLES.values() if item.places != {Place.LOOKUP}]
    return table(("variable", "is"), rows)


def functions() -> str:
    """Return which functions a parameter may use."""
    return table(("function", "is"), [(f"`={item.name}(...)`", item.says) for item in FUNCTIONS.values()])


def events() -> str:
    """Return what the adapters post to the page around them."""
    return table(("event", "says"), [(f"`{name}`", event.says) for name, event in EVENTS.items()])


def event_keys() -> str:
    """Return which keys each event carries."""
    rows = [
        (f"`{name}`", ", ".join([*event.required, *event.either, *(f"*{key}*" for key in event.optional)]))
        for name, event in EVENTS.items()
    ]
    return table(("event", "data"), rows)


def session_types() -> str:
    """Return what kinds of sessions there are."""
    rows = [(f"`{each.key}`", each.name, each.name_v2, each.lookup, each.lookup_url) for each in SESSION_TYPES]
    return table(("key", "`session_type`", "`session_type_v2`", "`{TYPE}`", "URL"), rows)


def status() -> str:
    """Return what may happen to a session in which status."""
    rows = [
        (channel, action, ", ".join(f"`{each}`" for each in step.sources), f"`{step.target}`")
        for channel, machine in MACHINES.items()
        for action, step in machine.items()
    ]
    ended = ", ".join(f"`{each}`" for each in sorted(ENDED))
    return f"{table(('channel', 'action', 'from', 'to'), rows)}\nA session has ended when its status is {ended}.\n"


def metadata() -> str:
    """Return the keys of the session metadata, in their order."""
    calls, chats = (model.model_json_schema()["properties"] for model in (CallMetadata, ChatMetadata))
    rows = [
        (f"`{key}`", "" if key in calls and key in chats else "calls" if key in calls else "chats")
        for key in dict.fromkeys([*calls, *chats])
    ]
    return table(("key", "only"), rows)


def settings() -> str:
    """Return what a process is told by its environment."""
    rows = [(f"`{item.env}`", f"`{item.default}`" if item.default else "", item.help) for item in SETTINGS]
    return table(("variable", "default", "is"), rows)


def webhook_events() -> str:
    """Return what webhooks tell."""
    rows = [
        (f"`{name}`", kind.says, ", ".join(f"`{key}`" for key in kind.keys)) for name, kind in WEBHOOK_EVENTS.items()
    ]
    return table(("type", "says", "further keys"), rows)


def table(head: Iterable[str], rows: Rows) -> str:
    """Write a Markdown table."""
    head = tuple(head)
    lines = [head, ("---",) * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


TABLES: dict[str, tuple[str, Callable[[], str]]] = {
    "lookup variables": ("lookup-links.md", lookup_variables),
    "request variables": ("generic-api.md", request_variables),
    "functions": ("generic-api.md", functions),
    "events": ("events.md", events),
    "event keys": ("events.md", event_keys),
    "session types": ("sessions.md", session_types),
    "status": ("sessions.md", status),
    "metadata": ("files.md", metadata),
    "settings": ("settings.md", settings),
    "webhook events": ("../webhooks.md", webhook_events),
    "sections": ("settings.md", lambda: sections(table)),
    "endpoint keys": ("settings.md", lambda: endpoint_keys(table)),
}
"""By its mark: the page in which a table stands, as seen from the reference, and what makes it."""


def renewed(page: str, text: str) -> str:
    """Return a page's text with every table of it as the code has it now."""
    for name, (where, make) in TABLES.items():
        if Path(where).name == page:
            start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
            before, _, rest = text.partition(start)
            _, _, after = rest.partition(end)
            text = f"{before}{start}{make()}{end}{after}"
    return text


def pages() -> list[Path]:
    """List the pages that have tables."""
    return [REFERENCE / name for name in dict.fromkeys(where for where, _ in TABLES.values())]


if __name__ == "__main__":
    for each in pages():
        each.write_text(renewed(each.name, each.read_text("utf-8")), "utf-8")
