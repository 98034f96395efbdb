from pathlib import Path

import pytest

from host.errors import StorageError
from host.storage import connection_test
from host.storage.connection_test import STEPS, try_storage
from host.storage.local import LocalStorage
from host.storage.settings import ExternalStorage


def local(tmp_path: Path) -> list[str]:
    return [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]


def test_a_storage_that_works_is_left_as_it_was(tmp_path: Path) -> None:
    tested = try_storage(ExternalStorage(), tmp_path)

    assert (tested.is_fine, tested.done, tested.words) == (True, list(STEPS), f"{', '.join(STEPS)}: fine")
    assert local(tmp_path) == []


@pytest.mark.parametrize(
    ("folder_path", "expected"),
    [
        ("", "patchbay-test-"),
        ("archive/", "archive/patchbay-test-"),
        ("/archive/{DATE}/x", "/archive/patchbay-test-"),
        ("archive-{DATE}", "patchbay-test-"),
    ],
)
def test_the_probe_lies_where_the_files_will(folder_path: str, expected: str) -> None:
    assert connection_test._probe(folder_path).startswith(expected)


@pytest.mark.parametrize(
    ("method", "step", "done"),
    [
        ("size", "connect", []),
        ("write", "write", ["connect", "sign_in"]),
        ("write", "rename", ["connect", "sign_in"]),
        ("read", "read", ["connect", "sign_in", "write"]),
        ("delete", "delete", ["connect", "sign_in", "write", "read", "rename"]),
    ],
)
def test_names_the_step_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, step: str, done: list[str]
) -> None:
    def fail(*_given: object, **_named: object) -> None:
        raise StorageError(step, "permission denied")

    monkeypatch.setattr(LocalStorage, method, fail)
    tested = try_storage(ExternalStorage(), tmp_path)

    assert (tested.failed, tested.reason, tested.done) == (step, "permission denied", done)
    assert tested.words.endswith(f"{step} failed: permission denied")


def test_a_folder_that_cannot_be_made_fails_to_be_written(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file in the folder's place", "utf-8")
    tested = try_storage(ExternalStorage(), tmp_path)

    assert (tested.failed, tested.reason) == ("write", "File exists")


def test_what_cannot_be_opened_fails_in_its_step(tmp_path: Path) -> None:
    settings = ExternalStorage.model_validate({"backend": "gcs", "gcs": {"bucket": "files"}})
    tested = try_storage(settings, tmp_path)

    assert (tested.failed, tested.done) == ("sign_in", [])
