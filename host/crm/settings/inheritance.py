"""Fills in the values that endpoints, their alternatives and their steps inherit.

It works on plain settings before their validation. `model_fields_set` would tell a default from a given value too, but
an alternative is valid only together with what it inherits (`url`, `container`), and `null` drops a key from it.
"""

from collections.abc import Mapping
from typing import Any

FROM_CRM = ("timeout_s", "settle_s", "on_unknown", "idempotency_header", "phone_format")

METHODS = {
    "create_account": "POST",
    "create_record": "POST",
    "update_record": "PUT",
    "upload_file": "POST",
    "add_comment": "POST",
}
STEP_METHOD = "POST"

DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "create_account": {"duplicate": {}},
    "create_record": {"duplicate": {}},
}
"""Only creates: after "exists already" the object is looked for, whereas a comment would be lost."""

NOT_FOR_ALTERNATIVES = frozenset({"alternatives", "steps"})
BY_URL = frozenset({"parameters", "template", "container", "body", "format", "parts", "type", "marker"})
"""Keys that an alternative with a URL of its own does not inherit."""


def filled_in(crm: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `crm` section with every endpoint's inherited keys written out.

    A value of the wrong shape is left unchanged; the validation that follows reports it.
    """
    endpoints = crm.get("endpoints")
    if not isinstance(endpoints, Mapping):
        return dict(crm)
    shared = {key: crm[key] for key in FROM_CRM if key in crm}
    return {**crm, "endpoints": {name: _endpoint(name, given, shared) for name, given in endpoints.items()}}


def _endpoint(name: str, given: Any, shared: Mapping[str, Any]) -> Any:
    if not isinstance(given, Mapping):
        return given
    whole = _with_body({**shared, "method": METHODS.get(name, "GET"), **DEFAULTS.get(name, {}), **given})
    alternatives, steps = whole.get("alternatives"), whole.get("steps")
    if isinstance(alternatives, list):
        base = {key: value for key, value in whole.items() if key not in NOT_FOR_ALTERNATIVES}
        whole["alternatives"] = [_alternative(base, shared, each) for each in alternatives]
    if isinstance(steps, list):
        kept = {key: whole[key] for key in FROM_CRM if key in whole}
        whole["steps"] = [_step(kept, each) for each in steps]
    return whole


def _alternative(base: Mapping[str, Any], shared: Mapping[str, Any], given: Any) -> Any:
    """Fill in one alternative; `null` drops a key, so that the value of the `crm` section or the default applies."""
    if not isinstance(given, Mapping):
        return given
    dropped = {key for key, value in given.items() if value is None}
    left_out = dropped | _not_inherited(given, base)
    inherited = {key: value for key, value in {**shared, **base}.items() if key not in left_out}
    again = {key: shared[key] for key in dropped if key in shared}
    return _with_body({**inherited, **again, **{key: given[key] for key in given if key not in dropped}})


def _not_inherited(given: Mapping[str, Any], base: Mapping[str, Any]) -> frozenset[str]:
    """Return the keys that are not inherited because of the keys that the alternative gives or drops."""
    if given.get("url") is not None:
        return BY_URL
    own = set[str]()
    if "parameters" in given and "marker" not in given:
        own.add("marker")  # the marker named one of the replaced parameters
    form = str(base.get("format"))
    if form in given and given[form] is None:
        own.add("format")
    return frozenset(own)


def _step(shared: Mapping[str, Any], given: Any) -> Any:
    if not isinstance(given, Mapping):
        return given
    return _with_body({**shared, "method": STEP_METHOD, **given})


def _with_body(endpoint: dict[str, Any]) -> dict[str, Any]:
    """Set `body` from `type`, its short form for uploads."""
    if "type" in endpoint and "body" not in endpoint:
        endpoint["body"] = "multipart" if endpoint["type"] == "multipart" else "json"
    return endpoint
