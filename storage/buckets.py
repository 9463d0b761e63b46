"""What a bucket is set to do, and whether Consigne may keep recordings or keys in it.

A recording must be destroyable: a bucket that locks, retains or copies objects is refused. A key must vanish when it is replaced:
a vault's bucket must not keep versions either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from storage.errors import StorageRefused
from storage.s3 import code_of, s3_errors, status_of

if TYPE_CHECKING:  # the stubs are not installed where Consigne runs
    from mypy_boto3_s3 import S3Client

_NOT_SET: Final = frozenset(
    {
        "MethodNotAllowed",
        "NoSuchLifecycleConfiguration",
        "NotImplemented",
        "ObjectLockConfigurationNotFoundError",
        "ReplicationConfigurationNotFoundError",
    }
)
_NOT_IMPLEMENTED: Final = 501


class BucketProblem(StrEnum):
    """Why a bucket is refused."""

    OBJECT_LOCK = "object_lock"
    DEFAULT_RETENTION = "default_retention"
    REPLICATION = "replication"
    VERSIONS = "versions"


class Versioning(StrEnum):
    """Whether a bucket keeps the versions of an object."""

    OFF = "off"
    ENABLED = "enabled"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class BucketReport:
    """What a bucket is set to do, for ``doctor``."""

    bucket: str
    versioning: Versioning
    object_lock: bool
    default_retention: bool
    replication: bool
    lifecycle_rules: int

    def problems(self, *, for_keys: bool) -> tuple[BucketProblem, ...]:
        """Say why recordings (or, with ``for_keys``, sealed keys) may not be kept here; empty when they may."""
        found = {
            BucketProblem.OBJECT_LOCK: self.object_lock,
            BucketProblem.DEFAULT_RETENTION: self.default_retention,
            BucketProblem.REPLICATION: self.replication,
            BucketProblem.VERSIONS: for_keys and self.versioning is not Versioning.OFF,
        }
        return tuple(problem for problem, stands in found.items() if stands)

    def refuse(self, *, for_keys: bool) -> None:
        """Refuse a bucket with problems.

        Raises:
            StorageRefused: naming them.
        """
        if problems := self.problems(for_keys=for_keys):
            named = ", ".join(problem.value for problem in problems)
            held = "keys" if for_keys else "recordings"
            msg = f"the bucket {self.bucket} may not hold {held}, since they could not be destroyed there ({named}): set another bucket"
            raise StorageRefused(msg)


def bucket_report(client: "S3Client", bucket: str) -> BucketReport:
    """Ask a bucket for its settings.

    Raises:
        NotHeld: no such bucket.
        StorageRefused: the credentials may not read its settings.
        StorageUnavailable: the store does not answer.
    """
    with s3_errors(f"bucket {bucket}"):
        client.head_bucket(Bucket=bucket)
        status = client.get_bucket_versioning(Bucket=bucket).get("Status", "Off")
    lock = _setting(bucket, lambda: client.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"])
    replication = _setting(bucket, lambda: client.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"])
    lifecycle = _setting(bucket, lambda: {"Rules": client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]})
    rules = lifecycle.get("Rules")
    return BucketReport(
        bucket=bucket,
        versioning=Versioning(status.lower()),
        object_lock=lock.get("ObjectLockEnabled") == "Enabled",
        default_retention="Rule" in lock,
        replication=bool(replication),
        lifecycle_rules=len(rules) if isinstance(rules, list) else 0,
    )


def _setting(bucket: str, ask: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
    """Read one setting; a store that does not know it cannot apply it."""
    with s3_errors(f"the settings of bucket {bucket}"):
        try:
            return ask()
        except ClientError as error:
            if code_of(error) in _NOT_SET or status_of(error) == _NOT_IMPLEMENTED:
                return {}
            raise


def ensure_bucket(client: "S3Client", bucket: str, *, versioned: bool) -> bool:
    """Make a bucket if there is none, and tell whether it was made; one that exists is left as it is.

    Raises:
        StorageRefused, StorageUnavailable: it could not be made.
    """
    with s3_errors(f"bucket {bucket}"):
        try:
            region = client.meta.region_name
            if region in ("", "us-east-1") or client.meta.endpoint_url.startswith("http://"):
                client.create_bucket(Bucket=bucket)
            else:
                client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})  # type: ignore[typeddict-item]  # any store's region names
        except ClientError as error:
            if code_of(error) != "BucketAlreadyOwnedByYou":
                raise
            return False
        if versioned:
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return True
