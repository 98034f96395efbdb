"""The settings in the database: current values for each process, import and export of the file."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Connection, select, update

from host.clock import Clock
from host.db import tables
from host.db.engine import Database
from host.db.upsert import upsert
from host.errors import ConfigError, FieldsError, SettingsError
from host.field_mapping.settings import FieldMapping
from host.settings import changes, mapping_ids, secret_marks, users_and_queues
from host.settings.checks import advice, crm_change
from host.settings.document.model import VERSION, Document, Settings
from host.settings.problems import path_of
from host.settings.secrets import Secrets, tokens_in
from host.settings.validation import validated
from host.storage.settings import Sftp
from host.users import directory

CHECKED_EVERY = timedelta(seconds=2)  # so that a running process sees a change within 5 s
STORAGE = "external_storage"
REVISION = "revision"  # a row besides the sections; every change increases it
FIELD_MAPPINGS = "field_mappings"
LAST_MAPPING_ID = "last_mapping_id"
"""Another such row: the highest id that a field mapping has had."""
ENCRYPTED = (
    (tables.settings.c.section, tables.settings.c.value),  # the session cookie's key is among them
    (tables.oauth_tokens.c.name, tables.oauth_tokens.c.tokens),
    (tables.oauth_states.c.nonce_hash, tables.oauth_states.c.verifier),
)
"""The columns with encrypted secrets, each with the key of its table."""


@dataclass(frozen=True)
class Imported:
    """The result of an import."""

    changes: tuple[str, ...]
    """`crm.timeout_s: 5 -> 8`; no secrets and no texts."""
    warnings: tuple[str, ...]
    """About the settings after the import."""


class SettingsRepository:
    """Returns the current settings, and imports and exports them."""

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[int, Settings] | None = None
        self._checked_at: datetime | None = None

    def current(self) -> Settings:
        """Return the settings, at most `CHECKED_EVERY` old; a little older while another thread reads them.

        Only one thread reads at a time: callers may hold a connection, and if all of them waited for a second one, they
        would deadlock.
        """
        now = self._clock.now()
        if not self._lock.acquire(blocking=self._known is None):
            assert self._known is not None  # noqa: S101 - it never becomes None again
            return self._known[1]
        try:
            if self._known and self._checked_at and timedelta(0) <= now - self._checked_at < CHECKED_EVERY:
                return self._known[1]
            with self._database.read() as connection:
                revision = _revision(connection)
                self._known = (revision, self._read(connection, revision))
            self._checked_at = now
            return self._known[1]
        finally:
            self._lock.release()

    def import_file(self, given: Any, *, any_password: bool = False) -> "Imported":
        """Import a settings file; absent sections stay unchanged, and so do secrets given as `{"secret": "set"}`.

        Args:
            given: The file's JSON.
            any_password: Accept short and common passwords of users, for the demo.

        Raises:
            SettingsError: The file is refused as a whole, with all reasons.
        """
        return self._import(lambda _stored: given, any_password=any_password)

    def change(self, section: str, change: Callable[[Any], Any]) -> "Imported":
        """Change one section; nobody else's change comes in between.

        Args:
            section: `field_mappings`.
            change: Takes the section as it is stored, secrets as plain text, None when it never was; returns it as it
                has to be. What it raises undoes everything.

        Raises:
            SettingsError: The settings would be invalid.
        """
        return self._import(lambda stored: {"version": VERSION, section: change(stored.get(section))})

    def _import(self, make: Callable[[Mapping[str, Any]], Any], *, any_password: bool = False) -> "Imported":
        with self._database.write() as connection:
            stored = self._stored(connection)
            plain, document = self._checked(connection, make(stored), stored, any_password=any_password)
            document = self._with_ids(connection, plain, document, stored)
            revision = _revision(connection)
            before = self._read(connection, revision)
            changed = {name: getattr(document, name) for name in Settings.model_fields if name in plain}
            changed = {name: value for name, value in changed.items() if value != getattr(before, name)}
            after = before.model_copy(update=changed)
            was = self._whole(connection, before, stored)
            for section, value in changed.items():
                self._put(connection, section, secret_marks.encrypted(plain[section], value, self._secrets))
            if changed:
                revision += 1
                self._put(connection, REVISION, revision)
            try:
                users_and_queues.save(connection, document, self._clock.now())
            except FieldsError as error:
                raise SettingsError(error.problems) from error
            change = crm_change.warnings(connection, before.crm, after.crm)
            notes = [*change, *advice.of_file(document, users_and_queues.queues(connection))]
            lines = changes.between(was, self._whole(connection, after, {**stored, **plain}))
            imported = Imported(tuple(lines), tuple(notes))
        with self._lock:
            self._known, self._checked_at = (
                (revision, after),
                None,
            )  # checked again: another import may be newer
        return imported

    def preview(self, given: Any) -> Settings:
        """Return all settings as they would be after an import; nothing is saved.

        Args:
            given: As in `import_file`.

        Raises:
            SettingsError: As `import_file`.
        """
        with self._database.read() as connection:
            return self._checked(connection, given, self._stored(connection), any_password=True)[1]

    def pin_host_key(self, tested: Sftp, host_key: str) -> bool:
        """Store the key of an SFTP server; False when the settings name another server or a key by now.

        Args:
            tested: The server.
            host_key: `ssh-ed25519 AAAA...`.
        """
        with self._database.write() as connection:
            section = _rows(connection).get(STORAGE) or {}
            sftp = section.get("sftp") or {}
            known = Sftp.model_validate(self._secrets.decrypt_all(sftp))
            if (known.address, known.username, known.host_key) != (tested.address, tested.username, ""):
                return False
            self._put(connection, STORAGE, {**section, "sftp": {**sftp, "host_key": host_key}})
            self._put(connection, REVISION, _revision(connection) + 1)
        with self._lock:
            self._checked_at = None
        return True

    def warnings(self) -> list[str]:
        """Return the warnings about the current settings."""
        with self._database.read() as connection:
            settings = self._read(connection, _revision(connection))
            return advice.of_settings(settings, users_and_queues.queues(connection))

    def export(self) -> dict[str, Any]:
        """Return all settings as a file, with secrets as `{"secret": "set"}`."""
        with self._database.read() as connection:
            stored = self._stored(connection)
            document: dict[str, Any] = {"version": VERSION}
            document |= self._read(connection, _revision(connection)).model_dump(mode="json", by_alias=True)
            document["crm"]["endpoints"] = stored.get("crm", {}).get("endpoints", {})  # without inherited keys
            return {
                **document,
                "queues": users_and_queues.queues(connection),
                "users": users_and_queues.users(connection),
            }

    def rotate(self) -> int:
        """Encrypt all secrets again, with a new key unless the keys come from the environment.

        Returns:
            The number of secrets.
        """
        self._secrets.add_key()
        count = 0
        with self._database.write() as connection:
            for key, kept in ENCRYPTED:
                for name, value in connection.execute(select(key, kept).with_for_update()).all():
                    if held := tokens_in(value):
                        again = {kept.name: self._secrets.encrypt_again(value)}
                        connection.execute(update(key.table).where(key == name).values(again))
                        count += held
        self._secrets.drop_old_keys()
        return count

    def _checked(
        self, connection: Connection, given: Any, stored: Mapping[str, Any], *, any_password: bool
    ) -> tuple[dict[str, Any], Document]:
        """Return what was given, secrets as plain text, and all settings as they would be."""
        problems: dict[str, str] = {}
        plain = secret_marks.with_stored(given, stored, problems)
        if isinstance(given, dict) and isinstance(plain, dict) and "users" in given:
            problems = {path: reason for path, reason in problems.items() if not path.startswith("users[")}
            plain["users"] = users_and_queues.without_kept_passwords(connection, given["users"], problems)
        try:
            document = validated({**stored, **plain} if isinstance(plain, dict) else plain)
        except SettingsError as error:
            raise SettingsError({**problems, **error.problems}) from error.__cause__
        weak = () if any_password else users_and_queues.weak_passwords(connection, document)
        found = (*users_and_queues.unknown_agents(connection, document), *weak)
        problems |= {path_of(location): reason for location, reason in found}
        if problems:
            raise SettingsError(problems)
        return plain, document

    def _with_ids(
        self, connection: Connection, plain: dict[str, Any], document: Document, stored: Mapping[str, Any]
    ) -> Document:
        """Give the field mappings ids, which are never used again."""
        if FIELD_MAPPINGS not in plain:
            return document
        last = int(_value(connection, LAST_MAPPING_ID) or 0)
        plain[FIELD_MAPPINGS], new_last = mapping_ids.given(plain[FIELD_MAPPINGS], stored.get(FIELD_MAPPINGS), last)
        if new_last != last:
            self._put(connection, LAST_MAPPING_ID, new_last)
        mappings = tuple(FieldMapping.model_validate(each) for each in plain[FIELD_MAPPINGS])
        return document.model_copy(update={FIELD_MAPPINGS: mappings})

    def _whole(self, connection: Connection, settings: Settings, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return everything that an import may change, endpoints without what they inherit."""
        document: dict[str, Any] = changes.plain(settings)
        document["crm"]["endpoints"] = given.get("crm", {}).get("endpoints", {})
        found = changes.people(users_and_queues.users(connection), users_and_queues.queues(connection))
        for email, user in found["users"].items():
            user["password"] = SecretStr(directory.password_hash(connection, email) or "")
        return {**document, **found}

    def _read(self, connection: Connection, revision: int) -> Settings:
        """Return the settings in the database: as known if nothing has changed since, else parsed once."""
        if (known := self._known) and known[0] == revision:
            return known[1]
        try:
            return Settings.model_validate(self._stored(connection))
        except ValueError as error:
            reason = "the stored settings can't be read by this version; import a settings file again"
            raise ConfigError(reason) from error

    def _stored(self, connection: Connection) -> dict[str, Any]:
        """Return the sections as they were given, secrets as plain text."""
        rows = _rows(connection)
        return {section: self._secrets.decrypt_all(value) for section, value in rows.items()}

    def _put(self, connection: Connection, section: str, value: Any) -> None:
        row = {"section": section, "value": value, "updated_at": self._clock.now()}
        upsert(connection, tables.settings, ["section"], row)


def _rows(connection: Connection) -> dict[str, Any]:
    columns = tables.settings.c
    # The table holds other rows too: the revision, the session cookie's key.
    query = select(columns.section, columns.value).where(columns.section.in_(Settings.model_fields))
    return {row.section: row.value for row in connection.execute(query)}


def _revision(connection: Connection) -> int:
    return int(_value(connection, REVISION) or 0)


def _value(connection: Connection, name: str) -> Any:
    query = select(tables.settings.c.value).where(tables.settings.c.section == name)
    return connection.execute(query).scalar_one_or_none()
