"""The platform API and `/api/crm` against their own description: valid and invalid requests, generated from it.

Schemathesis makes them: each field of each operation at its limits and beyond, then random ones, always the same.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any, TypeAlias

import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from sqlalchemy import update

from host.db.tables import sessions
from host.field_mapping.settings import FieldMapping
from host.gate import characters
from host.web.api.register import PREFIXES
from host.web.openapi.document import document
from tests.host.web.api.conftest import Gateway, application, basic, gateway_of
from tests.host.web.crm_desk import Desk, configure, crm, signed_in

__all__ = ["crm", "signed_in"]

EXAMPLES = 10
"""Random requests for each operation, besides those at the limits."""
KNOWN = {"queue": "Developers / James", "menu_id": 2, "agent_email": "agent@example.com"}
"""Names that a description can't know: others are refused."""
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
)

load_all_checks()
CONTRACT: Any = CHECKS.get_by_names(CHECKED)
OF_A_BATCH: Any = CHECKS.get_by_names([name for name in CHECKED if name != "negative_data_rejection"])
"""A batch answers 200, whatever its operations are: each is refused on its own."""
Case: TypeAlias = schemathesis.Case[Any]
CONFIG = {"with-security-parameters": False, "deterministic": True, "max-examples": EXAMPLES}
DESCRIBED = schemathesis.openapi.from_dict(document(), config=schemathesis.Config.from_dict({"generation": CONFIG}))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
numbers = count(1)


@DESCRIBED.include(path_regex=f"^{PREFIXES['api']}/").parametrize()
def test_the_platform_api_answers_as_described(case: Case, gateway: Gateway) -> None:
    make_apt(case, gateway)
    checks = OF_A_BATCH if case.operation.path.endswith("/batch") else CONTRACT
    case.call_and_validate(headers=basic(), checks=checks, app=gateway.client.application)


@DESCRIBED.include(path_regex="^/crm_custom_fields").parametrize()
def test_field_mappings_answer_as_described(case: Case, gateway: Gateway) -> None:
    mappings = gateway.services.field_mappings
    number = next(numbers)
    made = mappings.add(FieldMapping(title="x", crm_field=f"x{number}", custom_data_label="x"))
    mapping_id = case.path_parameters.get("mapping_id")
    if isinstance(mapping_id, int) and mapping_id >= 0 and number % 8:
        case.path_parameters["mapping_id"] = made.id
    case.call_and_validate(headers=basic(), checks=CONTRACT, app=gateway.client.application)


@DESCRIBED.include(path_regex="^/api/crm/").parametrize()
def test_the_crms_proxy_answers_as_described(case: Case, signed_in: Desk) -> None:
    configure(signed_in)
    client: Any = signed_in.client  # with their cookies
    headers = {"X-CSRF-Token": signed_in.token}
    case.call_and_validate(headers=headers, checks=CONTRACT, app=client.application, session=client)


def make_apt(case: Case, gateway: Gateway) -> None:
    """Name what exists: else most requests would only be told that it doesn't."""
    number = next(numbers)
    session_id = case.path_parameters.get("session_id")
    if isinstance(session_id, int) and session_id >= 0 and number % 8:
        started = gateway.start("/calls" if "/calls" in case.operation.path else "/chats")
        case.path_parameters["session_id"] = started["id"]
        if case.operation.path.endswith("/rating"):
            had_an_agent(gateway, started["id"])
    key = case.headers.get("Idempotency-Key")
    if key and key.isascii() and key.isprintable() and len(key) < 100:
        case.headers["Idempotency-Key"] = f"{number} {key}"
    if case.meta and case.meta.generation.mode == GenerationMode.POSITIVE:
        case.query.update(known(case.query))
        if isinstance(case.body, dict):
            case.body = known(case.body)


def had_an_agent(gateway: Gateway, session_id: int) -> None:
    with gateway.services.database.write() as connection:
        values = {"agent_id": 1, "connected_at": gateway.clock.now()}
        connection.execute(update(sessions).where(sessions.c.id == session_id).values(**values))


def known(given: dict[str, Any]) -> dict[str, Any]:
    """Return a valid body or query that names what exists."""
    return {name: KNOWN.get(name, _plain(value)) for name, value in given.items() if name != "custom_data_jwt"}


def _plain(value: Any) -> Any:
    """Return a value without control characters, which no schema excludes everywhere."""
    if isinstance(value, str):
        return characters.repaired(value)
    if isinstance(value, dict):
        return {characters.repaired(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with application(tmp_path_factory.mktemp("fuzz")) as app:
        yield gateway_of(app)
