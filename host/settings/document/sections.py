"""The smaller sections of the settings file.

Source: docs/reference/settings.md, Sections.
"""

import sys
from collections.abc import Mapping
from keyword import iskeyword
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic import StrictBool as Switch
from pydantic import StrictInt as Whole

from host.addresses import email, email_or_empty, origin, template_url_or_empty, web_url, web_url_or_empty
from host.schema import NO_SECRET, Number, Secret, Section

Text = Annotated[str, Field(min_length=1)]
Seconds = Annotated[Number, Field(ge=0)]
Port = Annotated[Whole, Field(ge=1, le=65535)]
Url = Annotated[str, AfterValidator(web_url)]
UrlOrEmpty = Annotated[str, AfterValidator(web_url_or_empty)]
UrlTemplate = Annotated[str, AfterValidator(template_url_or_empty)]
Origin = Annotated[str, AfterValidator(origin)]
Email = Annotated[str, AfterValidator(email)]
EmailOrEmpty = Annotated[str, AfterValidator(email_or_empty)]
Command = Literal[
    "Dial",
    "Set_Status",
    "Focus_Chat",
    "Set_Record",
    "Answer",
    "Decline",
    "Hold",
    "Resume",
    "Mute",
    "Unmute",
    "End",
    "Send_Message",
]


LISTENERS_OWN = frozenset({"browser", "host", "js", "main", "micropython", "patchbay", "pyodide", "pyscript"})
"""Names of modules that exist in the page already."""


def _listener_file(name: str) -> str:
    path = PurePosixPath(name)
    if path.suffix != ".py" or path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError(
            f"found {name!r}; allowed: a Python file such as listeners/mine.py, relative to the data folder"
        )
    if not (path.stem.isascii() and path.stem.isidentifier()) or iskeyword(path.stem):
        raise ValueError(f"found {name!r}; allowed: a name that Python can import: letters, digits and _")
    if path.stem in LISTENERS_OWN or path.stem in sys.stdlib_module_names:
        raise ValueError(f"found {name!r}; allowed: another name, since Python has a module {path.stem} already")
    return name


def _listener_files(names: tuple[str, ...]) -> tuple[str, ...]:
    modules = [PurePosixPath(name).stem for name in names]
    twice = [module for module in modules if modules.count(module) > 1]
    if twice:
        raise ValueError(f"found {twice[0]}.py twice; allowed: each file name once, in whatever folder")
    return names


class LookupUrls(Section):
    """Links that find a caller in the CRM without its API; empty: no link."""

    phone: UrlTemplate = ""
    sdk: UrlTemplate = ""


class DisplayCrm(Section):
    """A CRM page inside the portal and the shell."""

    enabled: Switch = False
    url: UrlTemplate = ""


class AdapterSource(Section):
    """The host of the adapter pages; null: this one."""

    base_url: Url | None = None
    api_key: Secret = NO_SECRET
    api_secret: Secret = NO_SECRET


class Listeners(Section):
    """The vendor's Python listeners and their runtime."""

    runtime: Literal["micropython", "pyodide"] = "micropython"
    files: Annotated[
        tuple[Annotated[str, AfterValidator(_listener_file)], ...],
        AfterValidator(_listener_files),
    ] = ()
    """Paths relative to the data folder, in the order of loading."""


class Embedding(Section):
    """Origins that may frame our pages, and the commands that they may send."""

    allowed_origins: tuple[Origin, ...] = ()
    consumer_origins: tuple[Origin, ...] = ()
    commands: Mapping[Origin, tuple[Command, ...]] = Field(default_factory=dict)
    relay_events: Switch = False


class Chat(Section):
    """When chats whose consumer writes nothing are dismissed, and dismissed ones are ended."""

    dismiss_after_s: Seconds = 600
    """0: never."""
    end_after_s: Seconds = 3600
    """After the chat was dismissed; 0: never."""


class Turn(Section):
    """TURN servers and the secret that signs their short-lived passwords."""

    urls: tuple[str, ...] = ()
    secret: Secret = NO_SECRET


class Sip(Section):
    """A SIP registrar over WebSocket."""

    websocket_url: str = ""
    domain: str = ""
    username: str = ""
    password: Secret = NO_SECRET
    header_names: tuple[Text, ...] = ()


class Voice(Section):
    """The servers for audio."""

    stun: tuple[str, ...] = ()
    turn: Turn = Turn()
    sip: Sip = Sip()


class Oidc(Section):
    """Single sign-on; an empty issuer: none."""

    issuer: UrlOrEmpty = ""
    client_id: str = ""
    client_secret: Secret = NO_SECRET
    role_claim: str = ""


class SignIn(Section):
    """How people sign in, and for how long."""

    oidc: Oidc = Oidc()
    session_hours: Annotated[Whole, Field(ge=1, le=720)] = 12
    idle_minutes: Annotated[Whole, Field(ge=15, le=43200)] = 60
    """A sign-in ends after this time without use; an open adapter counts as use."""
