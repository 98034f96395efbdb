"""`make audit`: what is known is said, and no answer is never taken for a good one."""

from typing import Any

import pytest

from scripts import audit
from scripts.audit import Finding


def kinds(findings: Any) -> list[bool]:
    return [finding.is_unknown for finding in findings]


@pytest.mark.parametrize("answer", [None, {}, [], {"dependencies": []}, "no"])
def test_no_answer_of_pip_audit_is_no_good_answer(answer: object) -> None:
    assert kinds(audit.of_pip_audit(answer)) == [True]


def test_a_library_that_could_not_be_asked_about_is_said() -> None:
    answer = {
        "dependencies": [
            {"name": "flask", "version": "3.1.3", "vulns": []},
            {"name": "dbos", "skip_reason": "Dependency not found on PyPI and could not be audited"},
        ]
    }
    [finding] = audit.of_pip_audit(answer)
    assert (finding.is_unknown, finding.words) == (
        True,
        "Python libraries: the registry has no advisories for 1 of 2 (dbos, ...)",
    )


def test_a_known_vulnerability_names_the_version_that_mends_it() -> None:
    known = {"id": "GHSA-1", "fix_versions": ["3.1.4"], "aliases": [], "description": ""}
    answer = {"dependencies": [{"name": "flask", "version": "3.1.3", "vulns": [known, {**known, "fix_versions": []}]}]}
    assert list(audit.of_pip_audit(answer)) == [
        Finding("flask 3.1.3: GHSA-1, mended in 3.1.4"),
        Finding("flask 3.1.3: GHSA-1, mended in no version yet"),
    ]


def test_a_release_that_was_taken_back_is_found() -> None:
    installed = [
        {"is_yanked": False, "metadata": {"name": "flask", "version": "3.1.3"}},
        {"is_yanked": True, "metadata": {"name": "dbos", "version": "3.4.0"}},
    ]
    assert list(audit.of_report({"install": installed})) == [Finding("dbos 3.4.0: was taken back by its makers")]
    assert list(audit.of_report({"install": installed[:1]})) == []
    assert kinds(audit.of_report(None)) == kinds(audit.of_report({"install": []})) == [True]


def test_npms_refusal_is_no_good_answer() -> None:
    refusal = {"message": "405 Method Not Allowed - POST https://registry.example/advisories", "error": {}}
    [finding] = audit.of_npm_audit(refusal)
    assert finding == Finding("browser libraries: npm has no advisories here (405 Method Not Allowed)", is_unknown=True)
    assert kinds(audit.of_npm_audit(None)) == [True]
    assert list(audit.of_npm_audit({"vulnerabilities": {}})) == []
    known = {"vulnerabilities": {"left-pad": {"severity": "high", "range": "<1.3", "fixAvailable": True}}}
    assert list(audit.of_npm_audit(known)) == [Finding("left-pad <1.3: high, a newer version mends it")]


def test_a_program_that_is_missing_gives_no_answer() -> None:
    assert audit._json(["no-such-program-anywhere"]) is None
    assert audit._json(["echo", "no JSON"]) is None
    assert audit._json(["echo", "[1]"]) == [1]
