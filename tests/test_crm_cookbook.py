"""The cookbook's examples are valid settings, and complete ones."""

import json
import re
from pathlib import Path
from typing import Any

from host.settings.checks.advice import of_file
from host.settings.checks.unsupported import NO_EFFECT
from host.settings.validation import validated

COOKBOOK = Path(__file__).resolve().parents[1] / "docs" / "crm.md"


def examples() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the examples that are sections of a settings file, and those that are endpoints of the first one's CRM."""
    blocks = re.findall(r"```json\n(.*?)```", COOKBOOK.read_text("utf-8"), re.DOTALL)
    found = [json.loads("{" + block + "}") for block in blocks]
    return [each for each in found if "crm" in each], [each for each in found if "crm" not in each]


def test_the_examples_make_one_settings_file() -> None:
    [base, *_], endpoints = examples()
    together: dict[str, Any] = {}
    for each in endpoints:
        together |= each
    create = {"url": "https://api.crm.example/cases", "parameters": [{"name": "contact", "value": "{ACCOUNT_ID}"}]}
    together |= {"create_record": create}
    document = validated({"version": 1, "crm": {**base["crm"], "endpoints": together}})
    assert document.crm.endpoints.upload_file
    assert len(document.crm.endpoints.upload_file.steps) == 2
    wrong = [each for each in of_file(document) if each.startswith("crm.endpoints") and NO_EFFECT not in each]
    assert not wrong


def test_each_example_alone_is_well_written() -> None:
    [base, *_], endpoints = examples()
    needed = endpoints[0] | {"create_record": {"url": "https://api.crm.example/cases"}}
    for each in endpoints:
        validated({"version": 1, "crm": {**base["crm"], "endpoints": {**needed, **each}}})


def test_the_sections_are_well_written() -> None:
    sections, _ = examples()
    documents = [validated({"version": 1, **each}) for each in sections]
    without_api = documents[-1]
    assert (len(documents), without_api.crm.name, without_api.display_crm.enabled) == (2, "Old CRM", True)
