import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from host.errors import ConfigError
from host.settings.secrets import KEY_FILE, Secrets, tokens_in


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    stored = Secrets.of((), tmp_path / "var").encrypt("hush")
    path = tmp_path / "var" / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert Secrets.of((), tmp_path / "var").decrypt(stored) == "hush"
    assert [each.name for each in path.parent.iterdir()] == [KEY_FILE]


def test_a_key_file_that_others_can_read_is_closed(tmp_path: Path) -> None:
    Secrets.of((), tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    Secrets.of((), tmp_path)
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    made: list[Secrets] = []
    threads = [threading.Thread(target=lambda: made.append(Secrets.of((), tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = made[0].encrypt("hush")
    assert [secrets.decrypt(stored) for secrets in made] == ["hush"] * 8


def test_the_environments_keys_go_before_the_file(tmp_path: Path) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    stored = Secrets.of((old,), tmp_path).encrypt("hush")
    both = Secrets.of((new, old), tmp_path)
    assert both.decrypt(stored) == "hush"
    assert both.add_key() is False
    assert Secrets.of((new,), tmp_path).decrypt(both.encrypt_again(stored)) == "hush"
    assert not (tmp_path / KEY_FILE).exists()


def test_a_wrong_key_is_told_by_its_number_only(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="secret key number 2") as refused:
        Secrets.of((Fernet.generate_key().decode(), "not-a-key"), tmp_path)
    assert "not-a-key" not in str(refused.value)


def test_says_what_to_do_when_no_key_fits(tmp_path: Path) -> None:
    stored = Secrets.of((), tmp_path / "one").encrypt("hush")
    with pytest.raises(ConfigError, match="put the file secret-keys back"):
        Secrets.of((), tmp_path / "other").decrypt(stored)


def test_a_rotation_leaves_only_the_new_key(tmp_path: Path) -> None:
    secrets = Secrets.of((), tmp_path)
    running = Secrets.of((), tmp_path)
    stored = {"password": secrets.encrypt("hush"), "list": [secrets.encrypt("psst")]}
    assert secrets.add_key() is True
    again = secrets.encrypt_again(stored)
    secrets.drop_old_keys()
    assert tokens_in(again) == 2
    assert running.decrypt_all(again) == {"password": "hush", "list": ["psst"]}
    assert len((tmp_path / KEY_FILE).read_text().split()) == 1
