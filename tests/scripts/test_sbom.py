"""What the product is made of: each locked library, once."""

import json
import re
from pathlib import Path

from scripts import sbom

ROOT = Path(__file__).resolve().parents[2]
SHA_512 = "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="


def test_names_each_library_of_both_lock_files_once() -> None:
    found = sbom.of_checkout()
    refs = [each["bom-ref"] for each in found["components"]]
    pinned = re.findall(r"^\S+==", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE)
    assert len(refs) == len(set(refs))
    assert sum(ref.startswith("pkg:pypi/") for ref in refs) == len(pinned) > 40
    assert "pkg:pypi/dbos@3.4.0" in refs
    assert any(ref.startswith("pkg:npm/%40pyscript/core@") for ref in refs)
    assert not [ref for ref in refs if "axe-core" in ref]  # tests have it, browsers don't
    assert found["dependencies"] == [{"ref": found["metadata"]["component"]["bom-ref"], "dependsOn": refs}]


def test_is_what_cyclonedx_asks_for() -> None:
    found = sbom.of_checkout()
    assert (found["bomFormat"], found["specVersion"], found["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found["serialNumber"])
    assert all({"type", "name", "version", "purl"} <= set(each) for each in found["components"])
    assert json.dumps(found) == json.dumps(sbom.of_checkout())


def test_reads_a_browser_librarys_hash_and_licence() -> None:
    package = {"version": "1.0.0", "integrity": f"sha512-{SHA_512}", "license": "MIT"}
    lock = {"packages": {"": {}, "node_modules/a": package, "node_modules/b/node_modules/a": package}}
    [library] = sbom.browser_libraries(lock)
    assert library["hashes"][0]["alg"] == "SHA-512"
    assert len(library["hashes"][0]["content"]) == 128
    assert library["licenses"] == [{"expression": "MIT"}]


def test_writes_it_beside_the_wheel_of_its_version(tmp_path: Path) -> None:
    sbom.main(str(tmp_path / "dist"))
    [file] = (tmp_path / "dist").iterdir()
    assert re.fullmatch(r"patchbay-[0-9.]+\.cdx\.json", file.name)
    assert json.loads(file.read_text())["metadata"]["component"]["name"] == "patchbay"
