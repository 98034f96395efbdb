"""The field mappings of the settings: lists and changes them, and hands their fields to the CRM's requests.

Source: docs/reference/field-mapping.md, Field mapping.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from host.addresses import literal_host
from host.clock import Clock
from host.crm.auth.clients import ClientSource
from host.crm.request.custom_fields import CustomFields, Given, ReadJson
from host.crm.response import json_path
from host.crm.settings.crm import CrmSettings
from host.errors import CrmRejectedError, CrmUnavailableError, FieldsError, NotFoundError, SettingsError, TakenError
from host.field_mapping.settings import FieldMapping, Target
from host.field_mapping.values import MappedValue, mapped
from host.orchestration.field_lists import FieldLists
from host.settings.checks.field_mappings import of_mapping, strategy_of
from host.settings.document.model import Settings
from host.settings.repository import FIELD_MAPPINGS, SettingsRepository

ENDPOINT = "field mapping"
"""What errors of the CRM name."""
_OK = range(200, 300)
_BUSY = frozenset({408, 425, 429})


class FieldMappings:
    """Lists and changes the mappings; the CRM is asked before anything is stored."""

    def __init__(self, settings: SettingsRepository, clients: ClientSource) -> None:
        self._settings = settings
        self._clients = clients

    def all(self) -> tuple[FieldMapping, ...]:
        """Return the mappings in their order, each with its id."""
        found = self._settings.current().field_mappings
        if any(each.id is None for each in found):  # stored by a version without ids
            self._settings.change(FIELD_MAPPINGS, lambda stored: stored or [])
            found = self._settings.current().field_mappings
        return found

    def get(self, mapping_id: int) -> FieldMapping:
        """Return a mapping.

        Raises:
            NotFoundError: There is none.
        """
        found = next((each for each in self.all() if each.id == mapping_id), None)
        if found is None:
            raise _none(mapping_id)
        return found

    def add(self, mapping: FieldMapping) -> FieldMapping:
        """Add a mapping; return it with its id.

        Raises:
            FieldsError: It is wrong, or the CRM doesn't know the field.
            TakenError: There is one with the same field, label and target.
            CrmError: The CRM has to be asked, and can't be now.
        """
        self._check(mapping)

        def add(stored: Any) -> list[Any]:
            _check_free(stored or [], mapping)
            return [*(stored or []), mapping.model_dump(mode="json")]

        self._change(add)
        return next(each for each in self.all() if each.identity == mapping.identity)

    def change(self, mapping_id: int, changes: Mapping[str, Any]) -> FieldMapping:
        """Change some of a mapping; return the whole.

        Raises:
            NotFoundError: There is none.
            FieldsError: As in `add`.
            TakenError: As in `add`.
            CrmError: As in `add`.
        """
        changed = self.get(mapping_id).model_copy(update=dict(changes))
        self._check(changed)

        def change(stored: Any) -> list[Any]:
            _check_free(stored or [], changed)
            if mapping_id not in [each.get("id") for each in stored or []]:
                raise _none(mapping_id)
            plain = changed.model_dump(mode="json")
            return [plain if each.get("id") == mapping_id else each for each in stored or []]

        self._change(change)
        return changed

    def remove(self, mapping_id: int) -> None:
        """Remove a mapping.

        Raises:
            NotFoundError: There is none.
        """
        self.get(mapping_id)
        self._change(lambda stored: [each for each in stored or [] if each.get("id") != mapping_id])

    def _change(self, change: Callable[[Any], Any]) -> None:
        try:
            self._settings.change(FIELD_MAPPINGS, change)
        except SettingsError as error:  # another change came in between
            raise FieldsError(error.problems) from error

    def _check(self, mapping: FieldMapping) -> None:
        settings = self._settings.current()
        strategy = strategy_of(settings.crm)
        if problems := dict(of_mapping(mapping, strategy)):
            raise FieldsError(problems)
        if (origin := _origin(settings.crm)) and settings.crm.type != "none":
            reason = strategy.unknown(mapping, self._reader(settings.crm, origin))
            if reason:
                raise FieldsError({"crm_field": reason})

    def _reader(self, crm: CrmSettings, origin: str) -> ReadJson:
        client = self._clients.of(crm)

        def read(path: str) -> Any:
            url = urljoin(origin, path)
            if not url.startswith(f"{origin}/"):
                raise CrmRejectedError(ENDPOINT, "the next page of its list of fields is on another host")
            answer = client.send(ENDPOINT, "GET", url, timeout_s=crm.timeout_s)
            if answer.status in _BUSY or answer.status >= 500:
                raise CrmUnavailableError(ENDPOINT, f"answered {answer.status}", sent=False)
            if answer.status not in _OK:
                raise CrmRejectedError(ENDPOINT, f"answered {answer.status}", status=answer.status)
            return json_path.located(ENDPOINT, answer, "")

        return read


class MappedFields:
    """Says which fields the requests of a session have."""

    def __init__(self, settings: Callable[[], Settings], clock: Clock) -> None:
        self._settings = settings
        self._lists = FieldLists(clock)

    def __call__(self, target: str | None, custom_data: Mapping[str, Any], url: str, read: ReadJson) -> Given:
        """Return the fields for a request, see `host.crm.request.custom_fields.CustomFieldSource`."""
        settings = self._settings()
        mappings = [each for each in settings.field_mappings if each.target in {target, "session"}]
        reading, strategy = self._lists.of(url, read), strategy_of(settings.crm)
        given = list[CustomFields]()
        for goal, name in dict.fromkeys((each.target, each.object) for each in mappings):
            found = mapped([each for each in mappings if (each.target, each.object) == (goal, name)], custom_data)
            notes = list(found.notes)
            if not found.values:
                given.append(CustomFields(only_for=name, notes=notes))
                continue
            fields = strategy.fields(found.values, goal, reading)
            notes += [*fields.notes, *([_words(found.values, goal)] if fields.content else [])]
            given.append(CustomFields(fields.content, fields.inside, name, notes))
        return given


def _words(values: Sequence[MappedValue], target: Target) -> str:
    return f"custom data for the {target}: " + ", ".join(f"{each.key} -> {each.mapping.crm_field}" for each in values)


def _check_free(stored: Sequence[Mapping[str, Any]], mapping: FieldMapping) -> None:
    """Check that no other mapping is the same.

    Raises:
        TakenError: One is.
    """
    for each in stored:
        if each.get("id") != mapping.id and FieldMapping.model_validate(each).identity == mapping.identity:
            taken = f"Field mapping {each.get('id')} has this crm_field, custom_data_label and target already"
            raise TakenError(f"{taken}; change that one.")


def _none(mapping_id: int) -> NotFoundError:
    return NotFoundError(f"There is no field mapping {mapping_id}.")


def _origin(crm: CrmSettings) -> str | None:
    """Return the origin of the CRM's API; None when its URLs don't tell."""
    endpoints = crm.endpoints
    writing = (endpoints.create_record, endpoints.create_account, endpoints.update_record)
    urls = [each.url for each in writing if each is not None and literal_host(each.url)]
    return f"{urls[0].partition('://')[0]}://{literal_host(urls[0])}" if urls else None
