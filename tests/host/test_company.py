"""The company key."""

from pathlib import Path

from host.company import FILE, CompanyKey, company_key
from host.config import Config


def test_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    config = Config.from_env({}, data=tmp_path)

    made = company_key(config)

    assert company_key(config) == made
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert made.secret not in repr(made)


def test_the_environments_goes_first(tmp_path: Path) -> None:
    config = Config.from_env({"PATCHBAY_COMPANY_KEY": "acme", "PATCHBAY_COMPANY_SECRET": "s3cret"}, data=tmp_path)

    assert company_key(config) == CompanyKey("acme", "s3cret")
    assert not (tmp_path / FILE).exists()
