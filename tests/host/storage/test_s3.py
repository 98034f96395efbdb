from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests

from host.errors import StorageError
from host.storage.open_storage import open_storage
from host.storage.s3 import S3Storage, _base_url
from host.storage.s3_signature import Signer
from host.storage.settings import S3, ExternalStorage
from host.storage.storage import Storage
from tests.host.storage.bucket_servers import moto
from tests.host.storage.contract import PATH, StorageContract, read, write

BUCKET = "session-files"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with moto() as url:
        yield url


@pytest.fixture(autouse=True)
def _emptied(server: str) -> None:
    requests.post(f"{server}/moto-api/reset", timeout=10).raise_for_status()
    requests.put(f"{server}/{BUCKET}", timeout=10).raise_for_status()


def opened(server: str, **changed: Any) -> Storage:
    s3 = {"bucket": BUCKET, "endpoint_url": server, "access_key": "key", "secret_key": "secret", **changed}
    return open_storage(ExternalStorage.model_validate({"backend": "s3", "s3": s3}), Path("/nowhere"))


class TestS3Storage(StorageContract):
    @pytest.fixture
    def storage(self, server: str) -> Iterator[Storage]:
        self.url = f"{server}/{BUCKET}"
        storage = opened(server)
        yield storage
        storage.close()

    def names(self, storage: Storage) -> list[str]:
        answer = requests.get(self.url, params={"list-type": "2"}, timeout=10)
        return [each.text or "" for each in ET.fromstring(answer.content).iter() if each.tag.endswith("}Key")]

    def test_says_where_the_object_is(self, storage: Storage) -> None:
        assert write(storage, "a b/c.txt", b"").url == f"{self.url}/a%20b/c.txt"

    def test_writes_only_over_the_version_that_it_has_seen(
        self, storage: Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(storage, PATH, b"one")
        assert isinstance(storage, S3Storage)
        monkeypatch.setattr(storage, "_find", lambda path: None)
        with pytest.raises(StorageError, match="another version was written at the same time") as caught:
            write(storage, PATH, b"two")
        monkeypatch.undo()

        assert not caught.value.is_permanent
        assert read(storage, PATH) == b"one"

    def test_a_reader_never_gets_pieces_of_two_versions(self, storage: Storage) -> None:
        long = bytes(5 * 1024 * 1024)
        write(storage, PATH, long)
        pieces = storage.read(PATH)
        next(pieces)
        write(storage, PATH, b"x" + long)
        with pytest.raises(StorageError, match="another version"):
            next(pieces)


@pytest.mark.parametrize(
    ("changed", "step", "reason"),
    [
        ({"bucket": "no-such-bucket"}, "write", "there is no such bucket"),
        ({"endpoint_url": "http://127.0.0.1:1"}, "read", "no connection to 127.0.0.1"),
        ({"endpoint_url": "https://169.254.169.254"}, "connect", "which no request may go to"),
        ({"endpoint_url": "https://10.0.0.1"}, "connect", "private address"),
        ({"endpoint_url": "http://storage.example"}, "connect", "use https"),
    ],
)
def test_names_the_step_that_fails(server: str, changed: dict[str, Any], step: str, reason: str) -> None:
    with pytest.raises(StorageError, match=reason) as caught:
        write(opened(server, **changed), PATH, b"one")

    assert (caught.value.step, caught.value.is_permanent) == (step, False)


def test_the_signature_is_the_one_that_the_server_expects(server: str) -> None:
    key = _key_of_a_user(server)
    requests.post(f"{server}/moto-api/reset-auth", data="0", timeout=10).raise_for_status()
    try:
        storage = opened(server, **key)
        assert write(storage, "a b/ä+%~=.txt", b"one").size_bytes == 3
        assert read(storage, "a b/ä+%~=.txt") == b"one"
        with pytest.raises(StorageError, match="answered 403: the credentials are refused"):
            opened(server, **{**key, "secret_key": "another"}).size(PATH)
    finally:
        requests.post(f"{server}/moto-api/reset-auth", data="inf", timeout=10).raise_for_status()


def test_signs_as_the_published_example_does() -> None:
    signer = Signer("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")
    url = "https://examplebucket.s3.amazonaws.com/test.txt"
    signed = signer.signed("GET", url, {"Range": "bytes=0-9"}, at=datetime(2013, 5, 24, tzinfo=UTC))
    assert signed["Authorization"].endswith("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


@pytest.mark.parametrize(
    ("s3", "expected"),
    [
        ({"bucket": "files"}, "https://files.s3.us-east-1.amazonaws.com/"),
        ({"bucket": "files", "region": "eu-central-1"}, "https://files.s3.eu-central-1.amazonaws.com/"),
        ({"bucket": "files.example.com"}, "https://s3.us-east-1.amazonaws.com/files.example.com/"),
        ({"bucket": "files", "endpoint_url": "https://minio.example/"}, "https://minio.example/files/"),
    ],
)
def test_finds_the_bucket(s3: dict[str, str], expected: str) -> None:
    assert _base_url(S3.model_validate(s3)) == expected


def _key_of_a_user(server: str) -> dict[str, str]:
    """Make a user at moto who may do everything, and return their key."""

    def ask(**query: str) -> str:
        headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/iam/aws4_request"}
        answer = requests.post(server, data={"Version": "2010-05-08", **query}, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.text

    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    ask(Action="CreateUser", UserName="patchbay")
    ask(Action="PutUserPolicy", UserName="patchbay", PolicyName="all", PolicyDocument=policy)
    key = ET.fromstring(ask(Action="CreateAccessKey", UserName="patchbay"))
    found = {each.tag.rpartition("}")[2]: each.text or "" for each in key.iter()}
    return {"access_key": found["AccessKeyId"], "secret_key": found["SecretAccessKey"]}
