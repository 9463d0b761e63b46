"""The object store contract, on the fake, on moto and on SeaweedFS; and what only S3 can do wrong."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from registry.ids import new_id
from storage.buckets import BucketProblem, Versioning, ensure_bucket
from storage.embedded import SeaweedFS
from storage.errors import NotHeld, StorageRefused, StorageUnavailable
from storage.objects import MemoryObjects, ObjectStore, Removed, sha256_of
from storage.s3 import S3Settings, client
from storage.s3_objects import S3Objects
from tests.storage.contracts.objects import LARGE, ObjectStoreContract, pattern
from tests.support.seaweed import LossyNetwork

SETTINGS = S3Settings("recordings", region="eu-west-3", access_key="key", secret_key="secret")


@pytest.fixture(scope="module")
def moto() -> Iterator[S3Objects]:
    """An S3 in this process."""
    with mock_aws():
        store = S3Objects(SETTINGS, part=5 << 20)
        store.ensure_bucket()
        yield store


class TestMemory(ObjectStoreContract):
    """The fake keeps the contract."""

    @pytest.fixture
    def store(self) -> ObjectStore:
        """A fresh fake."""
        return MemoryObjects()


class TestMoto(ObjectStoreContract):
    """The S3 adapter keeps the contract on moto."""

    @pytest.fixture
    def store(self, moto: S3Objects) -> ObjectStore:
        """The adapter."""
        return moto


@pytest.mark.scenario
class TestSeaweedFS(ObjectStoreContract):
    """The S3 adapter keeps the contract on a real S3 with versions."""

    @pytest.fixture
    def store(self, seaweedfs: SeaweedFS) -> ObjectStore:
        """A bucket of the shared store."""
        store = S3Objects(seaweedfs.settings("contract-objects"), part=5 << 20)
        store.ensure_bucket()
        return store


@pytest.mark.scenario
class TestSeaweedFSWithoutVersions(ObjectStoreContract):
    """The S3 adapter keeps the contract where the bucket keeps no versions."""

    @pytest.fixture
    def store(self, seaweedfs: SeaweedFS) -> ObjectStore:
        """A bucket of the shared store, made without versions."""
        settings = seaweedfs.settings("contract-plain")
        ensure_bucket(client(settings), "contract-plain", versioned=False)
        return S3Objects(settings, part=5 << 20)


def test_remove_all_takes_markers_and_unfinished_uploads(moto: S3Objects) -> None:
    """A deletion by someone else's tool and a killed upload leave a marker and parts: both go."""
    raw = client(SETTINGS)
    key = new_id("obj")
    moto.put(key, [b"x"], 1)
    raw.delete_object(Bucket="recordings", Key=key)
    raw.create_multipart_upload(Bucket="recordings", Key=key)
    assert [version.delete_marker for version in moto.versions(key)] == [True, False]
    assert len(moto.uploads(key)) == len(moto.uploads()) == 1
    assert moto.remove_all(key) == Removed(versions=1, delete_markers=1, uploads=1)
    assert (moto.versions(key), moto.uploads()) == ((), ())


def test_a_write_counts_only_when_it_is_durable() -> None:
    """What must follow a write is called before the put and the removal return, and its failure is theirs."""
    with mock_aws():
        calls: list[str] = []
        store = S3Objects(SETTINGS, after_write=lambda: calls.append("sync"))
        store.ensure_bucket()
        store.put("obj_1", [b"x"], 1)
        store.remove_all("obj_1")
        assert calls == ["sync", "sync"]

        def full() -> None:
            raise StorageUnavailable("the disk is full")

        with pytest.raises(StorageUnavailable):
            S3Objects(SETTINGS, after_write=full).put("obj_2", [b"x"], 1)


def test_a_bucket_is_reported(moto: S3Objects) -> None:
    """A bucket made by us keeps versions and has nothing against it."""
    report = moto.bucket_report()
    assert report.versioning is Versioning.ENABLED
    assert report.problems(for_keys=False) == ()
    assert report.problems(for_keys=True) == (BucketProblem.VERSIONS,)
    moto.check_bucket()
    assert moto.ensure_bucket() is False


@mock_aws
def test_a_bucket_that_cannot_destroy_is_refused() -> None:
    """Object lock with a default retention: a recording could not be destroyed, so none is taken."""
    raw = boto3.client("s3", region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret")
    raw.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    store = S3Objects(replace(SETTINGS, bucket="locked", region="us-east-1"))
    assert store.bucket_report().problems(for_keys=False) == (BucketProblem.OBJECT_LOCK,)
    raw.put_object_lock_configuration(
        Bucket="locked",
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}},
    )
    with pytest.raises(StorageRefused, match="object_lock, default_retention"):
        store.check_bucket()
    waited_for = S3Objects(replace(SETTINGS, bucket="locked", region="us-east-1"), check_first=True)
    with pytest.raises(StorageRefused, match="object_lock, default_retention"):
        waited_for.put("obj_1", [b"x"], 1)
    assert waited_for.versions("obj_1") == ()


@mock_aws
def test_a_replicated_bucket_is_refused() -> None:
    """Replication: a copy would be left elsewhere."""
    raw = boto3.client("s3", region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret")
    for name in ("ours", "theirs"):
        raw.create_bucket(Bucket=name)
        raw.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    raw.put_bucket_replication(
        Bucket="ours",
        ReplicationConfiguration={
            "Role": "arn:aws:iam::123456789012:role/copy",
            "Rules": [{"Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "Destination": {"Bucket": "arn:aws:s3:::theirs"}}],
        },
    )
    with pytest.raises(StorageRefused, match="replication"):
        S3Objects(replace(SETTINGS, bucket="ours", region="us-east-1")).check_bucket()


@mock_aws
def test_a_bucket_that_is_absent_is_said() -> None:
    """A wrong bucket name is our setting's fault, not an outage."""
    store = S3Objects(replace(SETTINGS, bucket="absent"))
    for ask in (store.ping, store.bucket_report, store.check_bucket):
        with pytest.raises(NotHeld):
            ask()


@pytest.fixture
def unused_tcp_port() -> int:
    """A port of loopback where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_store_that_is_down_is_unavailable(unused_tcp_port: int) -> None:
    """Nobody listens: every verb says "try again later", and the message holds no credential."""
    down = S3Objects(replace(SETTINGS, endpoint_url=f"http://127.0.0.1:{unused_tcp_port}", connect_timeout=0.5, attempts=1))
    for ask in (
        down.ping,
        lambda: down.put("obj_1", [b"x"], 1),
        lambda: down.get_range("obj_1", None, 0, 1),
        lambda: down.versions("obj_1"),
        lambda: down.remove_all("obj_1"),
    ):
        with pytest.raises(StorageUnavailable) as caught:
            ask()
        assert "secret" not in str(caught.value)


def test_the_secret_is_not_shown() -> None:
    """Settings can be logged by mistake without giving the secret away."""
    assert "secret" not in repr(SETTINGS).replace("secret_key", "")


@pytest.mark.scenario
def test_wrong_credentials_are_refused(seaweedfs: SeaweedFS) -> None:
    """A wrong secret is a wrong setting: trying again does not help."""
    with pytest.raises(StorageRefused):
        S3Objects(replace(seaweedfs.settings("contract-objects"), secret_key="wrong")).versions("obj_1")


@pytest.mark.scenario
def test_the_witness_can_read_and_not_write(seaweedfs: SeaweedFS) -> None:
    """The second client of a destruction's proof sees every version, and can neither put nor remove."""
    store = seaweedfs.objects("witnessed")
    key = new_id("obj")
    store.put(key, [pattern(100)], 100)
    witness = S3Objects(seaweedfs.reader_settings("witnessed"))
    assert witness.get_range(key, None, 0, 100).data == pattern(100)
    assert len(witness.versions(key)) == 1
    for forbidden in (lambda: witness.put(new_id("obj"), [b"x"], 1), lambda: witness.remove_all(key)):
        with pytest.raises(StorageRefused):
            forbidden()
    assert len(store.versions(key)) == 1


@pytest.fixture
def network(seaweedfs: SeaweedFS) -> Iterator[LossyNetwork]:
    """A network that loses answers, in front of the shared store."""
    endpoint = seaweedfs.settings("lossy").endpoint_url
    assert endpoint is not None
    network = LossyNetwork(endpoint)
    yield network
    network.close()


@pytest.mark.scenario
@pytest.mark.parametrize(("length", "words"), [(1000, ["PUT", "/obj_"]), (LARGE, ["POST", "uploadId="]), (LARGE, ["PUT", "partNumber=2"])])
def test_a_lost_answer_is_our_own_object(seaweedfs: SeaweedFS, network: LossyNetwork, length: int, words: list[str]) -> None:
    """The store has it and the answer is lost: the repeated request meets our own object, which is adopted, once, with no part left."""
    settings = replace(seaweedfs.settings("lossy"), endpoint_url=network.endpoint_url)
    store = S3Objects(settings, part=5 << 20)
    store.ensure_bucket()
    key, data = new_id("obj"), pattern(length)
    network.lose = words
    stored = store.put(key, [data], length)
    assert network.lost == 1
    assert [version.version_id for version in store.versions(key)] == [stored.version_id]
    assert sha256_of(store, key, stored.version_id, length) == stored.sha256
    assert store.uploads(key) == ()


@pytest.mark.scenario
@pytest.mark.parametrize(
    ("status", "error"), [(500, StorageUnavailable), (503, StorageUnavailable), (429, StorageUnavailable), (403, StorageRefused)]
)
def test_whose_fault_it_is(seaweedfs: SeaweedFS, network: LossyNetwork, status: int, error: type[Exception]) -> None:
    """The store's own trouble may pass; a refusal does not."""
    store = S3Objects(replace(seaweedfs.settings("lossy"), endpoint_url=network.endpoint_url, attempts=1))
    network.status = status
    for ask in (
        lambda: store.put("obj_1", [b"x"], 1),
        lambda: store.get_range("obj_1", None, 0, 1),
        lambda: store.versions("obj_1"),
        store.ping,
    ):
        with pytest.raises(error):
            ask()
