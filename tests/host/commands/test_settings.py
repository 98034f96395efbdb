import json
from typing import Any

import pytest

from host.commands.settings import export_text, import_text, lint, lint_text, warnings_of
from host.errors import SettingsError
from host.settings.repository import SettingsRepository


def test_text_goes_out_and_in_again(repository: SettingsRepository, demo: dict[str, Any]) -> None:
    first = import_text(repository, json.dumps(demo))
    text = export_text(repository)
    assert list(first.warnings) == warnings_of(repository) == []
    assert import_text(repository, text).changes == ()
    assert export_text(repository) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1, column 2"),
        ('{"crm": {"name": "a", "name": "b"}}', "found name twice in one object"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "found a list"),
    ],
)
def test_what_is_no_settings_file_is_refused(repository: SettingsRepository, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        import_text(repository, text)
    assert says in lint_text(text)[0][0]


def test_the_demo_is_right(demo: dict[str, Any]) -> None:
    problems, warnings = lint(demo)
    assert problems == []
    assert all("no effect in this version yet" in warning for warning in warnings)


def test_an_export_can_be_linted_without_its_secrets(repository: SettingsRepository, demo: dict[str, Any]) -> None:
    repository.import_file(demo)
    assert lint(repository.export())[0] == []
