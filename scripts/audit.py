"""Check the locked versions for known vulnerabilities and withdrawn releases, by asking the registries.

`make audit`. Exit code 0: all registries answered, and nothing is known. 1: something is known, or a registry could not
be asked, which says nothing about the libraries.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements/dev.txt"
"""Holds what `requirements/run.txt` does, and the tools."""


@dataclass(frozen=True)
class Finding:
    """One finding."""

    words: str
    is_unknown: bool = False
    """A registry could not be asked."""


def main(tools: str) -> int:
    """Ask the registries, and print what was found.

    Args:
        tools: The folder with the programs of `requirements/audit.txt`.
    """
    findings = [*_pip_audit(Path(tools)), *_taken_back(Path(tools)), *_npm_audit()]
    for finding in findings:
        print(f"{'not asked' if finding.is_unknown else 'found':<9} {finding.words}")
    if not findings:
        print("Nothing is known against any locked version.")
    elif all(finding.is_unknown for finding in findings):
        print(
            "No answer says nothing about the libraries: run it again where the registries' advisories can be reached."
        )
    return 1 if findings else 0


def _pip_audit(tools: Path) -> Iterator[Finding]:
    command = [str(tools / "pip-audit"), "--disable-pip", "--require-hashes", "-r", LOCK]
    answer = _json([*command, "--format", "json", "--progress-spinner", "off"])
    yield from of_pip_audit(answer)


def of_pip_audit(answer: Any) -> Iterator[Finding]:
    """Read pip-audit's answer; pip-audit reports success even if it could ask about no library."""
    libraries = answer.get("dependencies", []) if isinstance(answer, dict) else []
    if not libraries:
        yield Finding("Python libraries: pip-audit gave no answer", is_unknown=True)
        return
    skipped = [each["name"] for each in libraries if "skip_reason" in each]
    if skipped:
        what = f"Python libraries: the registry has no advisories for {len(skipped)} of {len(libraries)}"
        yield Finding(f"{what} ({', '.join(skipped[:3])}, ...)", is_unknown=True)
    for library in libraries:
        for known in library.get("vulns", []):
            fixed = ", ".join(known.get("fix_versions", [])) or "no version yet"
            yield Finding(f"{library['name']} {library['version']}: {known['id']}, mended in {fixed}")


def _taken_back(tools: Path) -> Iterator[Finding]:
    command = [str(tools / "python"), "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet"]
    yield from of_report(_json([*command, "--require-hashes", "--report", "-", "-r", LOCK]))


def of_report(answer: Any) -> Iterator[Finding]:
    """Read pip's report on what it would install."""
    if not isinstance(answer, dict) or not answer.get("install"):
        yield Finding(
            "Python libraries: the registry could not be asked which releases were taken back", is_unknown=True
        )
        return
    for each in answer["install"]:
        if each.get("is_yanked"):
            yield Finding(f"{each['metadata']['name']} {each['metadata']['version']}: was taken back by its makers")


def _npm_audit() -> Iterator[Finding]:
    yield from of_npm_audit(_json(["npm", "audit", "--json"]))


def of_npm_audit(answer: Any) -> Iterator[Finding]:
    """Read npm's answer."""
    if not isinstance(answer, dict) or "vulnerabilities" not in answer:
        why = answer.get("message", "no answer") if isinstance(answer, dict) else "no answer"
        yield Finding(f"browser libraries: npm has no advisories here ({str(why).split(' - ')[0]})", is_unknown=True)
        return
    for name, known in answer["vulnerabilities"].items():
        mended = "a newer version mends it" if known.get("fixAvailable") else "no version mends it yet"
        yield Finding(f"{name} {known['range']}: {known['severity']}, {mended}")


def _json(command: Sequence[str]) -> Any:
    """Run a program; None where it gives no JSON."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=600)
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
