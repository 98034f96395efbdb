"""The cookbook's examples are valid settings, and complete ones."""

import json
import re
from pathlib import Path
from typing import Any

from host.settings.checks.advice import of_file
from host.settings.checks.unsupported import NO_EFFECT
from host.settings.validation import validated

COOKBOOK = Path(__file__).resolve().parents[1] / "docs" / "crm.md"


def examples() -> list[dict[str, Any]]:
    blocks = re.findall(r"```json\n(.*?)```", COOKBOOK.read_text("utf-8"), re.DOTALL)
    return [json.loads("{" + block + "}") for block in blocks]


def test_the_examples_make_one_settings_file() -> None:
    base, *endpoints = examples()
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
    base, *endpoints = examples()
    needed = examples()[1] | {"create_record": {"url": "https://api.crm.example/cases"}}
    for each in endpoints:
        validated({"version": 1, "crm": {**base["crm"], "endpoints": {**needed, **each}}})
