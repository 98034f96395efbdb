"""`patchbay settings export | import | lint | test`: read, write, check and try out settings files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from host.addresses import email
from host.errors import ConfigError, MailError, SettingsError
from host.gate import strict, writing
from host.gate.strict import NotJsonError, UnfitError
from host.orchestration import display_crm, outcome_mail
from host.orchestration.storage_access import StorageAccess
from host.schema import SECRET_IS_SET
from host.settings.checks import advice
from host.settings.document.model import Settings
from host.settings.problems import Location, path_of
from host.settings.repository import Imported, SettingsRepository
from host.settings.validation import validated

DISPLAY_URL = "display_crm.url"
KEPT_ELSEWHERE = "kept"  # lint uses no database: any text stands for the stored secret


@dataclass(frozen=True)
class Tried:
    """The result of one test."""

    path: str
    """What was tried: `display_crm.url`."""
    words: str
    is_fine: bool


def export_text(repository: SettingsRepository) -> str:
    """Return all settings as the text of a file, with a final line break."""
    return writing.text(repository.export(), indent=2) + "\n"


def import_text(repository: SettingsRepository, text: str) -> Imported:
    """Import the text of a file.

    Raises:
        SettingsError: The text is not JSON, or the file is refused; nothing is changed.
    """
    return repository.import_file(_read(text))


def new_display_page(repository: SettingsRepository, text: str, framer: str) -> Tried | None:
    """Try the display page of a file before its import; None if the file doesn't change it.

    Args:
        repository: The stored settings.
        text: The file's text.
        framer: The shell's origin.

    Raises:
        SettingsError: As `import_text`.
    """
    planned = repository.preview(_read(text))
    if planned.display_crm == repository.current().display_crm:
        return None
    return _display_page(planned, framer)


def try_out(repository: SettingsRepository, text: str | None, framer: str) -> list[Tried]:
    """Try what the settings name against the real world; nothing is saved.

    Args:
        repository: The stored settings.
        text: A file's text, tried as if it were imported; None: the stored settings.
        framer: The shell's origin.

    Raises:
        SettingsError: As `import_text`.
    """
    settings = repository.current() if text is None else repository.preview(_read(text))
    tried = _display_page(settings, framer)
    return [tried] if tried else []


def try_storage(repository: SettingsRepository, text: str | None, access: StorageAccess) -> Tried:
    """Test the external storage, also while it is switched off; the first key of an SFTP server is stored.

    Args:
        repository: The stored settings.
        text: As in `try_out`.
        access: Of the stored settings.

    Raises:
        SettingsError: As `import_text`.
    """
    settings = repository.current() if text is None else repository.preview(_read(text))
    tested = access.test(settings.external_storage)
    path = f"external_storage.{settings.external_storage.backend}"
    return Tried(path, tested.words, is_fine=tested.is_fine)


def try_mail(repository: SettingsRepository, text: str | None, address: str, public_url: str) -> Tried:
    """Send a test mail by the mail server of the settings.

    Args:
        repository: The stored settings.
        text: As in `try_out`.
        address: Who gets it.
        public_url: Of this host.

    Raises:
        ConfigError: It is no address.
        SettingsError: As `import_text`.
    """
    try:
        email(address)
    except ValueError as error:
        raise ConfigError(f"--mail: {error}") from None
    settings = repository.current() if text is None else repository.preview(_read(text))
    try:
        taken = outcome_mail.send_test(settings, address, outcome_mail.smtp_name(public_url), datetime.now(UTC))
    except MailError as error:
        said = f" ({error.said})" if error.said else ""
        return Tried("smtp", f"{error}{said}", is_fine=False)
    return Tried("smtp", f"the server has taken a mail to {address}: {taken.answer}", is_fine=True)


def lint(document: Any) -> tuple[list[str], list[str]]:
    """Check a file without a database.

    Returns:
        Problems and warnings; each starts with its path.
    """
    kept = {path_of(location) for location in _marked(document)}
    try:
        return [], advice.of_file(validated(_without_marks(document)))
    except SettingsError as error:
        return [f"{path}: {reason}" for path, reason in error.problems.items() if path not in kept], []


def lint_text(text: str) -> tuple[list[str], list[str]]:
    """Check the text of a file, as `lint`."""
    try:
        return lint(_read(text))
    except SettingsError as error:
        return [f"{path}: {reason}" for path, reason in error.problems.items()], []


def warnings_of(repository: SettingsRepository) -> list[str]:
    """Return the warnings about the stored settings."""
    return repository.warnings()


def _display_page(settings: Settings, framer: str) -> Tried | None:
    checked = display_crm.check(settings, framer)
    return Tried(DISPLAY_URL, display_crm.words(checked), checked.is_fine) if checked else None


def _read(text: str) -> Any:
    try:
        return strict.read(text)
    except NotJsonError as error:
        raise SettingsError({"settings": f"found no JSON: {error}"}) from None
    except UnfitError as error:
        raise SettingsError({path or "settings": words for path, words in error.problems.items()}) from None


def _marked(value: Any, *location: str | int) -> Iterator[Location]:
    """Yield where secrets are kept as they are stored: only an import can check those."""
    if value == SECRET_IS_SET:
        yield location
    elif isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _marked(each, *location, key)


def _without_marks(value: Any) -> Any:
    if value == SECRET_IS_SET:
        return KEPT_ELSEWHERE
    if isinstance(value, dict):
        return {key: _without_marks(each) for key, each in value.items()}
    return [_without_marks(each) for each in value] if isinstance(value, list) else value
