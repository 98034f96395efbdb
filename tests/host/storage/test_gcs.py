import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from host.errors import StorageError
from host.storage.gcs import GcsStorage
from host.storage.gcs_key import SCOPE
from host.storage.open_storage import open_storage
from host.storage.settings import ExternalStorage
from host.storage.storage import Storage
from tests.host.storage.bucket_servers import gcs_emulator
from tests.host.storage.contract import PATH, StorageContract, read, write
from tests.host.storage.token_server import EMAIL, TokenServer, token_server

BUCKET = "session-files"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with gcs_emulator() as url:
        yield url


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    with token_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _emptied(server: str, tokens: TokenServer) -> None:
    tokens.claims.clear()
    requests.get(f"{server}/wipe", timeout=10).raise_for_status()
    requests.post(f"{server}/storage/v1/b", json={"name": BUCKET}, timeout=10).raise_for_status()


def opened(server: str, tokens: TokenServer, **changed: Any) -> Storage:
    gcs = {"bucket": BUCKET, "endpoint_url": server, "service_account_key": tokens.key_file, **changed}
    return open_storage(ExternalStorage.model_validate({"backend": "gcs", "gcs": gcs}), Path("/nowhere"))


class TestGcsStorage(StorageContract):
    @pytest.fixture
    def storage(self, server: str, tokens: TokenServer) -> Iterator[Storage]:
        self.url = f"{server}/storage/v1/b/{BUCKET}/o"
        storage = opened(server, tokens)
        yield storage
        storage.close()

    def names(self, storage: Storage) -> list[str]:
        return [each["name"] for each in requests.get(self.url, timeout=10).json().get("items", [])]

    def test_says_where_people_find_the_object(self, storage: Storage) -> None:
        stored = write(storage, "a b/c.txt", b"")

        assert stored.url == f"https://storage.cloud.google.com/{BUCKET}/a%20b/c.txt"

    def test_the_browser_learns_the_type(self, storage: Storage) -> None:
        write(storage, PATH, b"{}")

        assert requests.get(self.url, timeout=10).json()["items"][0]["contentType"] == "application/json"

    def test_one_token_serves_many_requests(self, storage: Storage, tokens: TokenServer) -> None:
        write(storage, PATH, b"one")
        read(storage, PATH)

        [claims] = tokens.claims
        assert (claims["iss"], claims["aud"], claims["scope"]) == (EMAIL, tokens.url, SCOPE)

    def test_writes_only_over_the_generation_that_it_has_seen(
        self, storage: Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert isinstance(storage, GcsStorage)
        urls: list[str] = []
        send = storage._client.send

        def noted(step: str, method: str, url: str, **rest: Any) -> Any:
            urls.append(url)
            return send(step, method, url, **rest)

        monkeypatch.setattr(storage._client, "send", noted)
        write(storage, PATH, b"one")
        generation = storage._find(PATH).generation  # type: ignore[union-attr]
        write(storage, PATH, b"two")

        begun = [parse_qs(urlsplit(url).query) for url in urls if "/upload/" in url and "upload_id" not in url]
        assert [query["ifGenerationMatch"] for query in begun] == [["0"], [generation]]


def test_a_refused_token_is_renewed_once(server: str, tokens: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = opened(server, tokens)
    assert isinstance(storage, GcsStorage)
    send, refused = storage._client.send, 0

    def refusing(step: str, method: str, url: str, **rest: Any) -> Any:
        nonlocal refused
        answer = send(step, method, url, **rest)
        if rest["headers"]["Authorization"] == "Bearer access-1":
            refused += 1
            return type(answer)(401, answer.headers, b"", 0)
        return answer

    monkeypatch.setattr(storage._client, "send", refusing)

    assert storage.size(PATH) is None
    assert (refused, len(tokens.claims)) == (1, 2)


@pytest.mark.parametrize(
    ("changed", "step", "reason"),
    [
        ({"bucket": "no-such-bucket"}, "write", "there is no such bucket"),
        ({"endpoint_url": "http://127.0.0.1:1"}, "read", "no connection to 127.0.0.1"),
        ({"endpoint_url": "https://169.254.169.254"}, "connect", "which no request may go to"),
        ({"service_account_key": ""}, "sign_in", "neither a service_account_key nor a linked account"),
    ],
)
def test_names_the_step_that_fails(
    server: str, tokens: TokenServer, changed: dict[str, Any], step: str, reason: str
) -> None:
    with pytest.raises(StorageError, match=reason) as caught:
        write(opened(server, tokens, **changed), PATH, b"one")

    assert (caught.value.step, caught.value.is_permanent) == (step, False)


def test_a_key_is_never_proved_in_the_clear(server: str, tokens: TokenServer) -> None:
    plain = json.dumps({**json.loads(tokens.key_file), "token_uri": "http://tokens.example/"})
    with pytest.raises(StorageError, match="its token_uri is not https") as caught:
        opened(server, tokens, service_account_key=plain)

    assert caught.value.step == "sign_in"


def test_another_key_is_refused(server: str, tokens: TokenServer) -> None:
    other = json.dumps({**json.loads(TokenServer().key_file), "token_uri": tokens.url})
    with pytest.raises(StorageError, match="refuses the service account's key") as caught:
        opened(server, tokens, service_account_key=other).size(PATH)

    assert caught.value.step == "sign_in"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("no json", "no JSON object"),
        ("[]", "no JSON object"),
        ("{}", "lacks client_email, private_key, token_uri"),
        ('{"client_email": "a", "private_key": "secret-key-text", "token_uri": "https://x.example"}', "no RSA key"),
    ],
)
def test_a_key_file_that_is_none_is_told_without_showing_it(
    server: str, tokens: TokenServer, key: str, reason: str
) -> None:
    with pytest.raises(StorageError, match=reason) as caught:
        opened(server, tokens, service_account_key=key)

    assert caught.value.step == "sign_in"
    assert "secret-key-text" not in str(caught.value)
