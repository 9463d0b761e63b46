"""A key vault in an S3 bucket of its own, which must keep no versions, lock nothing and copy nothing."""

import base64
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from storage.buckets import BucketReport, bucket_report, ensure_bucket
from storage.errors import StorageUnavailable
from storage.keyfile import Held, KeyFile, Tombstone, check_id, decode
from storage.s3 import S3Settings, client, code_of, s3_errors
from storage.vault import is_tombstone, same_or_refuse

if TYPE_CHECKING:  # the stubs are not installed where Consigne runs
    from mypy_boto3_s3 import S3Client

_SUFFIX = ".json"


class S3Vault:
    """See :class:`storage.vault.KeyVault`. Key file and tombstone share one object key: ``If-None-Match`` decides every race."""

    def __init__(self, settings: S3Settings, prefix: str = "vault/", *, check_first: bool = False) -> None:
        """Prepare a client; nothing is asked yet. With ``check_first``, no key is put before :meth:`check_bucket` has passed once."""
        self._unchecked = check_first
        self._s3: S3Client = client(settings)
        self._bucket = settings.bucket
        self._prefix = prefix

    def ensure_bucket(self) -> bool:
        """Make the bucket, without versions, if there is none; tell whether it was made."""
        return ensure_bucket(self._s3, self._bucket, versioned=False)

    def bucket_report(self) -> BucketReport:
        """Say what the bucket is set to do, for ``doctor``."""
        return bucket_report(self._s3, self._bucket)

    def check_bucket(self) -> None:
        """Refuse a bucket where a replaced key would survive.

        Raises:
            NotHeld: no such bucket.
            StorageRefused: versions (also suspended), object lock, retention or replication.
        """
        self.bucket_report().refuse(for_keys=True)
        self._unchecked = False

    def _key(self, attempt_id: str) -> str:
        return f"{self._prefix}{check_id(attempt_id)}{_SUFFIX}"

    def put(self, key_file: KeyFile) -> None:
        """See :class:`storage.vault.KeyVault`."""
        if self._unchecked:
            self.check_bucket()
        data = key_file.encode()
        with s3_errors(f"the key of attempt {key_file.attempt_id}"):
            try:
                self._s3.put_object(
                    Bucket=self._bucket, Key=self._key(key_file.attempt_id), Body=data, IfNoneMatch="*", ChecksumSHA256=_checksum(data)
                )
            except ClientError as error:
                if code_of(error) != "PreconditionFailed":
                    raise
            else:
                return
        same_or_refuse(self._read(key_file.attempt_id) or b"", key_file)

    def _read(self, attempt_id: str) -> bytes | None:
        key = self._key(attempt_id)
        with s3_errors(f"the key of attempt {attempt_id}"):
            try:
                with self._s3.get_object(Bucket=self._bucket, Key=key)["Body"] as body:
                    return body.read()
            except ClientError as error:
                if code_of(error) == "NoSuchKey":
                    return None
                raise

    def get(self, attempt_id: str) -> Held | None:
        """See :class:`storage.vault.KeyVault`."""
        data = self._read(attempt_id)
        return None if data is None else decode(data, attempt_id)

    def entomb(self, tombstone: Tombstone) -> None:
        """See :class:`storage.vault.KeyVault`. Reads the tombstone back before it counts."""
        if is_tombstone(self._read(tombstone.attempt_id), tombstone.attempt_id):
            return
        data = tombstone.encode()
        with s3_errors(f"the tombstone of attempt {tombstone.attempt_id}"):
            self._s3.put_object(Bucket=self._bucket, Key=self._key(tombstone.attempt_id), Body=data, ChecksumSHA256=_checksum(data))
        if not is_tombstone(self._read(tombstone.attempt_id), tombstone.attempt_id):
            raise StorageUnavailable(f"the tombstone of attempt {tombstone.attempt_id} does not read back; it will be tried again")

    def list(self) -> Iterator[str]:
        """See :class:`storage.vault.KeyVault`."""
        with s3_errors(f"the list of bucket {self._bucket}"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            names = [item["Key"].removeprefix(self._prefix) for page in pages for item in page.get("Contents", [])]
        return iter(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def _checksum(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii")
