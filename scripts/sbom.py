"""Write a software bill of materials (CycloneDX) from the lock files: `python scripts/sbom.py FOLDER`.

Source: https://cyclonedx.org/docs/1.6/json/
"""

import base64
import json
import re
import sys
import tomllib
import uuid
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)

Component = dict[str, Any]


def python_libraries(lock: str) -> list[Component]:
    """Return the packages of a pip lock file."""
    return [
        {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name.lower()}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower()}@{version}",
            **_licence(name),
        }
        for name, version in PINNED.findall(lock)
    ]


def browser_libraries(lock: dict[str, Any]) -> list[Component]:
    """Return the packages of an npm lock file, without those for development."""
    found = {}
    for path, package in lock["packages"].items():
        if not path or package.get("dev"):
            continue
        name = path.rpartition("node_modules/")[2]
        purl = f"pkg:npm/{quote(name, safe='/')}@{package['version']}"
        found[purl] = {
            "type": "library",
            "bom-ref": purl,
            "name": name,
            "version": package["version"],
            "purl": purl,
            "hashes": _hashes(package.get("integrity", "")),
            **_licences(package.get("license", "")),
        }
    return list(found.values())


def document(project: dict[str, Any], libraries: list[Component]) -> dict[str, Any]:
    """Return the whole document; it depends on the lock files only."""
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    libraries = sorted(libraries, key=lambda each: str(each["purl"]))
    refs = [each["bom-ref"] for each in libraries]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join([own, *refs]))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "purl": own,
                **_licences(project["license"]),
            }
        },
        "components": libraries,
        "dependencies": [{"ref": own, "dependsOn": refs}],
    }


def of_checkout(root: Path = ROOT) -> dict[str, Any]:
    """Return the document of this checkout."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    libraries = python_libraries((root / "requirements/run.txt").read_text(encoding="utf-8"))
    libraries += browser_libraries(json.loads((root / "package-lock.json").read_text(encoding="utf-8")))
    return document(project, libraries)


def _licence(name: str) -> Component:
    """Return the licence of an installed library; nothing if it isn't installed."""
    try:
        return _licences(str(metadata.metadata(name).json.get("license_expression", "")))
    except metadata.PackageNotFoundError:
        return {}


def _licences(expression: str) -> Component:
    return {"licenses": [{"expression": expression}]} if expression else {}


def _hashes(integrity: str) -> list[dict[str, str]]:
    """Convert `sha512-<base64>` to the notation of CycloneDX."""
    kind, _, digest = integrity.partition("-")
    names = {"sha512": "SHA-512", "sha384": "SHA-384", "sha256": "SHA-256"}
    return [{"alg": names[kind], "content": base64.b64decode(digest).hex()}] if kind in names else []


def main(folder: str) -> None:
    """Write the document next to the wheel of the same version."""
    found = of_checkout()
    path = (
        Path(folder) / f"{found['metadata']['component']['name']}-{found['metadata']['component']['version']}.cdx.json"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path}: {len(found['components'])} libraries")


if __name__ == "__main__":
    main(sys.argv[1])
