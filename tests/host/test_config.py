"""Process settings."""

import dataclasses
import os
from pathlib import Path

import pytest

from host.config import VARIABLES, Config
from host.errors import ConfigError


def test_the_table_and_the_value_name_the_same_settings() -> None:
    assert [variable.name for variable in VARIABLES] == [item.name for item in dataclasses.fields(Config)]


def test_has_a_default_for_everything() -> None:
    config = Config.from_env({})

    assert config.data == Path("var").resolve()
    assert (config.bind, config.port, config.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert config.database_url == f"sqlite:///{config.data}/patchbay.db"
    assert config.crm_frame_ancestors == ("http://127.0.0.1:8000",)
    assert config.after_session_s is None
    assert config.web_processes == 1


def test_reads_every_variable() -> None:
    config = Config.from_env(
        {
            "PATCHBAY_DATA": "/srv/patchbay",
            "PATCHBAY_PORT": "9000",
            "PATCHBAY_PUBLIC_URL": "https://Patchbay.example/",
            "PATCHBAY_ALLOWED_HOSTS": "Bücher.example., 192.0.2.7 [::0001]",
            "PATCHBAY_TRUSTED_PROXIES": "1",
            "PATCHBAY_WEB_PROCESSES": "4",
            "DATABASE_URL": "postgres://patchbay@db/patchbay",
            "PATCHBAY_SECRET_KEYS": "new, old",
            "PATCHBAY_CRM_FRAME_ANCESTORS": "https://a.example, http://b.example:81",
            "PATCHBAY_AFTER_SESSION_S": "0.5",
            "PATCHBAY_LOG_LEVEL": "debug",
        }
    )

    assert config.public_url == "https://patchbay.example"
    assert config.allowed_hosts == ("xn--bcher-kva.example", "192.0.2.7", "[::1]")
    assert config.database_url == "postgresql+psycopg://patchbay@db/patchbay"
    assert config.secret_keys == ("new", "old")
    assert config.crm_frame_ancestors == ("https://a.example", "http://b.example:81")
    assert (config.after_session_s, config.log_level, config.trusted_proxies) == (0.5, "DEBUG", 1)
    assert config.web_processes == 4


def test_there_is_a_web_process_for_each_core_with_postgresql() -> None:
    config = Config.from_env({"DATABASE_URL": "postgresql://db/patchbay"})

    assert config.web_processes == len(os.sched_getaffinity(0))


def test_sqlite_takes_one_web_process() -> None:
    with pytest.raises(ConfigError, match="PATCHBAY_WEB_PROCESSES: found 2, but with SQLite there is one"):
        Config.from_env({"PATCHBAY_WEB_PROCESSES": "2"})


def test_an_override_goes_before_its_variable_and_none_does_not() -> None:
    config = Config.from_env({"PATCHBAY_PORT": "9000", "PATCHBAY_BIND": "::1"}, port=9001, bind=None)

    assert (config.port, config.bind) == (9001, "::1")


def test_an_empty_variable_means_the_default() -> None:
    assert Config.from_env({"PATCHBAY_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PATCHBAY_PORT", "http"),
        ("PATCHBAY_PORT", "65536"),
        ("PATCHBAY_CRM_PORT", "0"),
        ("PATCHBAY_PUBLIC_URL", "patchbay.example"),
        ("PATCHBAY_PUBLIC_URL", "https://patchbay.example/below"),
        ("PATCHBAY_PUBLIC_URL", "javascript:alert(1)"),
        ("PATCHBAY_ALLOWED_HOSTS", "*"),
        ("PATCHBAY_ALLOWED_HOSTS", "https://patchbay.example"),
        ("PATCHBAY_ALLOWED_HOSTS", "patchbay.example:8443"),
        ("PATCHBAY_TRUSTED_PROXIES", "all"),
        ("PATCHBAY_WEB_PROCESSES", "0"),
        ("PATCHBAY_WEB_PROCESSES", "many"),
        ("DATABASE_URL", "mysql://db"),
        ("PATCHBAY_CRM_FRAME_ANCESTORS", "*"),
        ("PATCHBAY_AFTER_SESSION_S", "-1"),
        ("PATCHBAY_LOG_LEVEL", "loud"),
        ("PATCHBAY_LOG_FORMAT", "xml"),
        ("PATCHBAY_COMPANY_KEY", "alone"),
    ],
)
def test_refuses_a_wrong_value_and_names_the_variable(variable: str, text: str) -> None:
    with pytest.raises(ConfigError, match=variable):
        Config.from_env({variable: text})


def test_shows_no_secret_when_printed() -> None:
    config = Config.from_env({"PATCHBAY_SECRET_KEYS": "s3cret", "PATCHBAY_DEMO_PASSWORD": "s3cret"})

    assert "s3cret" not in repr(config)


def test_does_not_repeat_a_refused_database_address() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({"DATABASE_URL": "mysql://root:s3cret@db"})

    assert "s3cret" not in str(caught.value)
