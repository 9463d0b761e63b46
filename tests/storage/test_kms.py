"""The identity wrapped by AWS KMS, on moto."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from journal import canonical
from storage.errors import StorageRefused, Tampered
from storage.identity import Identity
from storage.kms import KmsWrapping
from storage.wrapping import PassphraseWrapping

REGION = "eu-west-3"


@pytest.fixture
def key_id(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A key in a KMS in this process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        yield boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["KeyId"]


def test_kms_wraps_and_unwraps(key_id: str, tmp_path: Path) -> None:
    """The file holds KMS's ciphertext, and opens through KMS."""
    identity = Identity.generate()
    identity.save(tmp_path / "identity.json", KmsWrapping(key_id, REGION))
    assert Identity.load(tmp_path / "identity.json", KmsWrapping(key_id, REGION)).public == identity.public
    assert identity._secret not in (tmp_path / "identity.json").read_bytes()
    with pytest.raises(Tampered):
        Identity.load(tmp_path / "identity.json", PassphraseWrapping("x", log_n=12))


def test_the_encryption_context_binds_the_label(key_id: str, tmp_path: Path) -> None:
    """A file relabelled as another identity's does not open: KMS compares the context, which holds two ids and nothing personal."""
    path = tmp_path / "identity.json"
    Identity.generate().save(path, KmsWrapping(key_id, REGION))
    document = json.loads(path.read_bytes())
    document["key_id"] = "identity_" + "0" * 32
    path.write_bytes(canonical.encode(document))
    with pytest.raises(Tampered):
        Identity.load(path, KmsWrapping(key_id, REGION))


def test_an_unknown_key_is_a_wrong_setting(key_id: str, tmp_path: Path) -> None:
    """A KMS key that does not exist is refused, and no file is written."""
    with pytest.raises(StorageRefused):
        Identity.generate().save(tmp_path / "identity.json", KmsWrapping(key_id.replace(key_id[0], "0"), REGION))
    assert not (tmp_path / "identity.json").exists()
