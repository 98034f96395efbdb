"""The form about the CRM's pages in Developer Settings: custom lookup URLs, and the page that the shell displays.

Source: docs/reference/lookup-links.md, Display CRM in the portal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from host.orchestration import display_crm
from host.settings.document.model import VERSION, Settings

FIELDS = {
    "lookup_urls.phone": "phone",
    "lookup_urls.sdk": "sdk",
    "display_crm.url": "url",
}
"""Path in the settings to field of the form."""


@dataclass(frozen=True)
class CrmPages:
    """What is in the form."""

    phone: str
    sdk: str
    is_displayed: bool
    url: str
    problems: Mapping[str, str] = field(default_factory=dict)
    """By field; `form` for what belongs to none."""
    note: str = ""
    """What the display page said about frames."""
    is_fine: bool = False
    """Whether it may be framed."""
    told: str = ""
    """The display URL that the note is about; it is saved when the admin presses the button again."""
    is_saved: bool = False

    @classmethod
    def of_settings(cls, settings: Settings, *, is_saved: bool = False) -> "CrmPages":
        """Return the form with what is stored."""
        urls, display = settings.lookup_urls, settings.display_crm
        return cls(urls.phone, urls.sdk, display.enabled, display.url, is_saved=is_saved)

    @classmethod
    def of_form(cls, form: Mapping[str, str]) -> "CrmPages":
        """Return what was typed."""
        phone, sdk, url = (form.get(name, "").strip() for name in ("phone", "sdk", "url"))
        return cls(phone, sdk, "enabled" in form, url, told=form.get("told", ""))

    def document(self) -> dict[str, Any]:
        """Return it as a settings file."""
        return {
            "version": VERSION,
            "lookup_urls": {"phone": self.phone, "sdk": self.sdk},
            "display_crm": {"enabled": self.is_displayed, "url": self.url},
        }


def fields_of(problems: Mapping[str, str]) -> dict[str, str]:
    """Return the problems of a settings file by field of the form."""
    found: dict[str, str] = {}
    for path, words in problems.items():
        if path in FIELDS:
            found[FIELDS[path]] = f"{words[:1].upper()}{words[1:]}."
        else:
            found["form"] = f"{path}: {words}"
    return found


def asked(planned: Settings, framer: str) -> tuple[str, bool]:
    """Ask the display page whether it may be framed; return the words for the admin, and whether it is fine."""
    checked = display_crm.check(planned, framer)
    if checked is None:
        return "Display CRM in Portal is off; there is no page to try.", True
    words = display_crm.words(checked)
    return f"{words[:1].upper()}{words[1:]}.", checked.is_fine
