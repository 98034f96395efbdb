from pathlib import Path

import pytest

from crm_shell import vendor_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "listeners").mkdir()
    (tmp_path / "listeners/mine.py").write_text("from patchbay import on\n")
    return tmp_path


def test_a_file_that_is_named_is_read_with_a_digest_of_its_content(folder: Path) -> None:
    [mine] = vendor_files.read(folder, ["listeners/mine.py"]).files
    assert (mine.module, mine.body) == ("mine", b"from patchbay import on\n")
    before = mine.digest
    (folder / "listeners/mine.py").write_text("from patchbay import Event\n")
    assert vendor_files.read(folder, ["listeners/mine.py"]).files[0].digest != before


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read_all_the_same(folder: Path) -> None:
    (folder / "listeners/latin.py").write_bytes(b"# \xe9")
    (folder / "listeners/long.py").write_bytes(b"#" * (vendor_files.LARGEST_BYTES + 1))
    (folder / "listeners/folder.py").mkdir()
    names = [f"listeners/{name}.py" for name in ("gone", "latin", "long", "folder", "mine")]
    found = vendor_files.read(folder, names)
    assert [file.module for file in found.files] == ["mine"]
    assert found.problems == (
        "listeners/gone.py: there is no such file",
        "listeners/latin.py: it is no UTF-8 text",
        "listeners/long.py: it is longer than 1048576 bytes",
        "listeners/folder.py: it can't be read (Is a directory)",
    )


def test_a_link_out_of_the_data_folder_is_not_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.py"
    secret.write_text("KEY = 1")
    (folder / "listeners/link.py").symlink_to(secret)
    found = vendor_files.read(folder, ["listeners/link.py", "../secret.py"])
    assert found.files == ()
    assert [problem.partition(": ")[2] for problem in found.problems] == ["it leads out of the data folder"] * 2
