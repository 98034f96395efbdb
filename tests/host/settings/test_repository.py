import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from host.crm.settings import inheritance
from host.crm.settings.auth import HeadersAuth
from host.db.engine import Database
from host.errors import ConfigError, EndpointOrderError, SettingsError
from host.queues import tree
from host.settings.document.model import Settings
from host.settings.repository import SettingsRepository
from host.settings.secrets import Secrets
from host.users import directory, passwords
from tests.clock import FrozenClock
from tests.host.storage.token_server import TokenServer

Json = dict[str, Any]


def api_key(repository: SettingsRepository) -> str:
    auth = repository.current().crm.auth
    assert isinstance(auth, HeadersAuth)
    return auth.headers[0].value.get_secret_value()


def dump(database: Database) -> str:
    with database.read() as connection:
        return "\n".join(str(row) for row in connection.execute(text("SELECT * FROM pb_settings")))


def test_an_empty_database_has_the_defaults(repository: SettingsRepository) -> None:
    assert repository.current() == Settings()


def test_takes_over_the_demo(repository: SettingsRepository, database: Database, demo: Json) -> None:
    repository.import_file(demo)
    assert repository.current().crm.name == "Starter CRM"
    assert api_key(repository) == "key-of-the-crm"
    with database.read() as connection:
        james = tree.by_path(connection, "Developers / James")
        agent = directory.by_email(connection, "agent@example.com")
        assert james is not None
        assert agent is not None
        assert agent.agent_number == "007"
        assert agent.id in tree.agent_ids(connection, james.id)
        assert passwords.verify(directory.password_hash(connection, agent.email), "pass-of-them-all")


def test_importing_an_export_changes_nothing(repository: SettingsRepository, database: Database, demo: Json) -> None:
    repository.import_file(demo)
    exported = repository.export()
    before = dump(database)
    repository.import_file(json.loads(json.dumps(exported)))
    assert repository.export() == exported
    assert dump(database) == before
    assert api_key(repository) == "key-of-the-crm"


def test_the_export_of_defaults_can_be_imported(repository: SettingsRepository) -> None:
    exported = repository.export()
    repository.import_file(exported)
    assert repository.export() == exported
    assert repository.current() == Settings()


def test_absent_sections_stay_and_absent_keys_take_their_default(repository: SettingsRepository) -> None:
    repository.import_file({"chat": {"dismiss_after_s": 5, "end_after_s": 6}, "product_name": "Switchboard"})
    repository.import_file({"chat": {"end_after_s": 7}})
    settings = repository.current()
    assert (settings.chat.dismiss_after_s, settings.chat.end_after_s) == (600, 7)
    assert settings.product_name == "Switchboard"


def test_a_refused_file_changes_nothing(repository: SettingsRepository, database: Database, demo: Json) -> None:
    repository.import_file(demo)
    before = repository.export()
    changed = {**demo, "product_name": "Other", "smtp": {"port": 0}}
    changed["users"] = [{"email": "new@example.com"}]
    with pytest.raises(SettingsError, match=r"smtp\.port"):
        repository.import_file(changed)
    assert repository.export() == before


def test_a_user_that_the_tables_refuse_rolls_everything_back(repository: SettingsRepository) -> None:
    file = {"product_name": "Other", "users": [{"email": "a@example.com", "password": "x" * 10_000}]}
    with pytest.raises(SettingsError) as refused:
        repository.import_file(file)
    assert list(refused.value.problems) == ["users[0].password"]
    assert repository.current().product_name == "Patchbay"
    assert repository.export()["users"] == []


@pytest.mark.parametrize("password", ["hunter2", "Password123!", "admin@example.com"])
def test_a_new_password_that_is_too_weak_is_refused_with_its_path(
    repository: SettingsRepository, password: str
) -> None:
    users = [{"email": "a@example.com", "password": "violet kettle 9"}, {"email": "admin@example.com"}]
    users[1]["password"] = password
    with pytest.raises(SettingsError) as refused:
        repository.import_file({"users": users})
    assert list(refused.value.problems) == ["users[1].password"]
    assert "allowed: 12" in str(refused.value)
    assert password not in str(refused.value)
    assert repository.export()["users"] == []


def test_a_password_that_somebody_has_already_stays_good(repository: SettingsRepository, database: Database) -> None:
    with database.write() as connection:
        directory.upsert(connection, "a@example.com", roles=["agent"], password="short")
    repository.import_file({"users": [{"email": "a@example.com", "name": "Ada", "password": "short"}]})
    with database.read() as connection:
        assert passwords.verify(directory.password_hash(connection, "a@example.com"), "short")
    with pytest.raises(SettingsError, match=r"users\[0\]\.password: found 6 characters; allowed: 12 or more"):
        repository.import_file({"users": [{"email": "a@example.com", "password": "shorts"}]})


class TestSecrets:
    def test_stand_nowhere_as_plain_text(
        self, repository: SettingsRepository, database: Database, demo: Json, tmp_path: Path
    ) -> None:
        key_file = TokenServer("https://id.example/token").key_file.replace('"1"', '"planted-12"')
        planted = {
            **demo,
            "company_secret_jwt": "planted-1-and-long-enough",
            "smtp": {"password": "planted-2"},
            "adapter_source": {"api_key": "planted-3", "api_secret": "planted-4"},
            "voice": {"turn": {"secret": "planted-5"}, "sip": {"password": "planted-6"}},
            "sign_in": {"oidc": {"client_secret": "planted-7"}},
            "external_storage": {
                "sftp": {"password": "planted-8", "private_key": "planted-9", "passphrase": "planted-10"},
                "gcs": {"client_secret": "planted-11", "service_account_key": key_file},
                "s3": {"secret_key": "planted-13"},
            },
            "crm": {
                **demo["crm"],
                "auth": {
                    "method": "oauth2",
                    "authorization_url": "https://id.example/authorize",
                    "token_url": "https://id.example/token",
                    "client_id": "patchbay",
                    "client_secret": "planted-14",
                    "headers": [{"key": "X-Tenant", "value": "planted-15"}],
                },
            },
        }
        repository.import_file(planted)
        shown = json.dumps(repository.export()) + repr(repository.current()) + str(repository.warnings())
        everything = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.iterdir())
        assert "planted" not in shown
        assert "planted" not in everything
        assert "pass-of-them-all" not in shown + everything
        assert repository.current().smtp.password.get_secret_value() == "planted-2"

    def test_stay_when_given_as_set(self, repository: SettingsRepository, demo: Json) -> None:
        repository.import_file(demo)
        demo["crm"]["auth"]["headers"] = [
            {"key": "X-New", "value": "other"},
            {"key": "X-Api-Key", "value": {"secret": "set"}},
        ]
        repository.import_file(demo)
        auth = repository.current().crm.auth
        assert [header.value.get_secret_value() for header in auth.headers] == ["other", "key-of-the-crm"]

    def test_given_as_set_need_a_stored_one(self, repository: SettingsRepository) -> None:
        given = {
            "smtp": {"password": {"secret": "set"}},
            "users": [{"email": "a@example.com", "password": {"secret": "set"}}],
        }
        with pytest.raises(SettingsError) as refused:
            repository.import_file(given)
        assert set(refused.value.problems) == {"smtp.password", "users[0].password"}

    def test_are_not_taken_encrypted(self, repository: SettingsRepository) -> None:
        with pytest.raises(SettingsError, match="found an encrypted secret"):
            repository.import_file({"smtp": {"password": {"fernet": "gAAAA"}}})

    def test_are_all_under_the_new_key_after_a_rotation(
        self, repository: SettingsRepository, database: Database, clock: FrozenClock, demo: Json, tmp_path: Path
    ) -> None:
        repository.import_file({**demo, "smtp": {"password": "mail"}})
        other_process = SettingsRepository(database, Secrets.of((), tmp_path), clock)
        before, old_key = dump(database), (tmp_path / "secret-keys").read_text().strip()
        assert repository.rotate() == 2
        assert dump(database) != before
        assert api_key(other_process) == "key-of-the-crm"
        with pytest.raises(ConfigError, match="no secret key fits"):
            SettingsRepository(database, Secrets.of((old_key,), tmp_path), clock).current()


class TestParsing:
    @pytest.fixture
    def parsed(self, monkeypatch: pytest.MonkeyPatch) -> list[Json]:
        """List the `crm` sections that were parsed."""
        found: list[Json] = []

        def filled_in(crm: Json) -> Json:
            found.append(crm)
            return inheritance.filled_in(crm)

        monkeypatch.setattr("host.crm.settings.crm.filled_in", filled_in)
        return found

    def test_an_import_is_parsed_once_and_used_as_it_was_parsed(
        self, repository: SettingsRepository, demo: Json, parsed: list[Json]
    ) -> None:
        repository.current()
        repository.import_file(demo)
        assert repository.current().crm.name == "Starter CRM"
        assert repository.warnings() == []
        assert len(parsed) == 1

    def test_what_is_used_after_an_import_is_what_another_process_reads(
        self, repository: SettingsRepository, demo: Json, database: Database, clock: FrozenClock, tmp_path: Path
    ) -> None:
        repository.import_file(demo)
        repository.import_file({"product_name": "Patchbay", "crm": {**demo["crm"], "timeout_s": 8}})
        used, read = repository.current(), SettingsRepository(database, Secrets.of((), tmp_path), clock).current()
        assert used == read
        assert used.crm.model_fields_set == read.crm.model_fields_set
        create = used.crm.endpoint("create_account")
        assert create is not None
        assert create.timeout_s == 8


class TestOtherProcesses:
    @pytest.fixture
    def other(self, database: Database, clock: FrozenClock, tmp_path: Path) -> SettingsRepository:
        other = SettingsRepository(database, Secrets.of((), tmp_path), clock)
        other.current()
        return other

    def test_see_a_change_within_the_time(
        self, repository: SettingsRepository, other: SettingsRepository, clock: FrozenClock
    ) -> None:
        repository.import_file({"product_name": "Switchboard"})
        assert repository.current().product_name == "Switchboard"
        clock.forward(timedelta(seconds=2))
        assert other.current().product_name == "Switchboard"

    def test_read_nothing_again_without_a_change(self, other: SettingsRepository, clock: FrozenClock) -> None:
        known = other.current()
        clock.forward(timedelta(seconds=10))
        assert other.current() is known


class TestPeople:
    def test_users_merge_by_email(self, repository: SettingsRepository, demo: Json) -> None:
        repository.import_file(demo)
        repository.import_file(
            {"users": [{"email": "AGENT@example.com", "max_chats": 5}, {"email": "new@example.com"}]}
        )
        users = {user["email"]: user for user in repository.export()["users"]}
        assert len(users) == 5
        assert users["agent@example.com"] == {
            "email": "agent@example.com",
            "name": "James Bond",
            "roles": ["agent"],
            "agent_number": "007",
            "max_chats": 5,
            "password": {"secret": "set"},
        }
        assert users["new@example.com"]["roles"] == ["agent"]
        assert "password" not in users["new@example.com"]

    def test_queues_merge_by_path(self, repository: SettingsRepository, demo: Json) -> None:
        repository.import_file(demo)
        repository.import_file(
            {"queues": [{"name": "Developers", "queues": [{"name": "James", "max_waiting": 4}, {"name": "Q"}]}]}
        )
        developers, support, _ = repository.export()["queues"]
        james, q = developers["queues"]
        assert (james["max_waiting"], james["agents"]) == (4, ["agent@example.com", "agent2@example.com"])
        assert (q["name"], q["agents"]) == ("Q", [])
        assert support["queues"][0]["name"] == "Web"

    def test_an_agent_of_a_queue_has_to_be_a_user(self, repository: SettingsRepository) -> None:
        file = {
            "users": [{"email": "agent@example.com"}],
            "queues": [{"name": "Support", "agents": ["Agent@example.com", "agnt@example.com"]}],
        }
        with pytest.raises(SettingsError) as refused:
            repository.import_file(file)
        assert refused.value.problems == {
            "queues[0].agents[1]": "found 'agnt@example.com'; did you mean agent@example.com?; "
            "allowed: the e-mail of a user"
        }

    def test_import_never_deletes(self, repository: SettingsRepository, demo: Json) -> None:
        repository.import_file(demo)
        before = repository.export()
        repository.import_file({"users": [], "queues": []})
        assert repository.export() == before


def test_the_cause_of_a_wrong_order_is_named(repository: SettingsRepository) -> None:
    endpoint = {"url": "https://crm.example/records", "method": "POST"}
    with pytest.raises(SettingsError) as refused:
        repository.import_file({"crm": {"endpoints": {"create_record": endpoint}}})
    assert isinstance(refused.value.__cause__, EndpointOrderError)
    assert list(refused.value.problems) == ["crm.endpoints.create_record"]


AGENT = "agent@example.com"


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({}, []),
        ({"product_name": "Patchbay"}, []),
        ({"product_name": "Switchboard"}, ["product_name: changed"]),
        ({"chat": {"end_after_s": 7}}, ["chat.end_after_s: 3600 -> 7"]),
        ({"smtp": {"password": "mail"}}, ["smtp.password: changed"]),
        ({"embedding": {"allowed_origins": []}}, ["embedding.allowed_origins: changed"]),
        ({"users": [{"email": AGENT, "max_chats": 5}]}, [f"users.{AGENT}.max_chats: 3 -> 5"]),
        ({"users": [{"email": AGENT, "password": "another one of theirs"}]}, [f"users.{AGENT}.password: changed"]),
        ({"users": [{"email": "new@example.com"}]}, ["users.new@example.com: added"]),
        ({"queues": [{"name": "Sales", "lang": "de"}]}, ["queues.Sales.lang: changed"]),
        ({"queues": [{"name": "Sales", "queues": [{"name": "New"}]}]}, ["queues.Sales / New: added"]),
    ],
)
def test_an_import_says_what_it_has_changed(
    repository: SettingsRepository, demo: dict[str, Any], given: dict[str, Any], changes: list[str]
) -> None:
    repository.import_file(demo)
    assert list(repository.import_file(given).changes) == changes


def test_changed_endpoints_are_named_without_what_they_inherit(
    repository: SettingsRepository, demo: dict[str, Any]
) -> None:
    repository.import_file(demo)
    changed = {**demo["crm"], "timeout_s": 8, "endpoints": {**demo["crm"]["endpoints"]}}
    changed["auth"] = {"method": "headers", "headers": [{"key": "X-Api-Key", "value": "another-secret"}]}
    changed["endpoints"]["create_account"] = {**demo["crm"]["endpoints"]["create_account"], "timeout_s": 9}
    del changed["endpoints"]["add_comment"]
    found = repository.import_file({"crm": changed}).changes
    assert set(found) == {
        "crm.timeout_s: 5 -> 8",
        "crm.auth.headers[0].value: changed",
        "crm.endpoints.create_account.timeout_s: added",
        "crm.endpoints.add_comment: removed",
    }
    assert "another-secret" not in str(found)
