"""The object store on any S3: the only code that speaks to a bucket of recordings."""

import base64
import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from storage.buckets import BucketReport, bucket_report, ensure_bucket
from storage.errors import AlreadyHeld, NotHeld, StorageError, StorageRefused, StorageUnavailable
from storage.keyfile import check_id
from storage.objects import Removed, Span, Stored, Upload, Version, collect, sha256_of
from storage.s3 import S3Settings, client, code_of, s3_errors

if TYPE_CHECKING:  # the stubs are not installed where Consigne runs
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART: Final = 8 << 20
"""Bytes of one part of a multipart upload, and the size up to which an object goes in one request: what a put holds in memory."""
_ROUNDS: Final = 3
_PING_WITHIN: Final = 15.0  # seconds: a ping carries nothing, so it need not have the patience of an upload
_TAKEN: Final = frozenset({"PreconditionFailed", "NoSuchUpload"})


def _nothing() -> None:
    """Do nothing: a store that answers for the durability of what it acknowledges."""


class S3Objects:
    """See :class:`storage.objects.ObjectStore`. One per process; its client may be used by several threads."""

    def __init__(
        self, settings: S3Settings, *, part: int = PART, after_write: Callable[[], None] = _nothing, check_first: bool = False
    ) -> None:
        """Prepare a client; nothing is asked yet.

        Args:
            settings: the bucket and the way to it.
            part: bytes of one part of a multipart upload.
            after_write: called after a put or a removal, before it counts; raises if it is not durable.
            check_first: put nothing before :meth:`check_bucket` has passed once, here or by the caller.
        """
        self._s3: S3Client = client(settings)
        self._settings = settings
        self._unchecked = check_first
        self._bucket = settings.bucket
        self._part = part
        self._after_write = after_write

    def ensure_bucket(self) -> bool:
        """Make the bucket, with versions, if there is none; tell whether it was made."""
        return ensure_bucket(self._s3, self._bucket, versioned=True)

    def bucket_report(self) -> BucketReport:
        """Say what the bucket is set to do, for ``doctor``."""
        return bucket_report(self._s3, self._bucket)

    def check_bucket(self) -> None:
        """Refuse a bucket where a recording could not be destroyed.

        Raises:
            NotHeld: no such bucket.
            StorageRefused: object lock, default retention or replication is set.
        """
        self.bucket_report().refuse(for_keys=False)
        self._unchecked = False

    def ping(self) -> None:
        """See :class:`storage.objects.ObjectStore`."""
        with s3_errors(f"bucket {self._bucket}"):
            self._impatient.head_bucket(Bucket=self._bucket)

    @cached_property
    def _impatient(self) -> "S3Client":
        return client(replace(self._settings, read_timeout=min(_PING_WITHIN, self._settings.read_timeout), attempts=1))

    def time(self) -> datetime:
        """Return the time that the service says it is, to the second.

        Raises:
            StorageUnavailable: it does not answer, or says no time.
        """
        with s3_errors(f"bucket {self._bucket}"):
            answer = self._s3.head_bucket(Bucket=self._bucket)
        told = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
        try:
            return parsedate_to_datetime(told).astimezone(UTC)
        except ValueError as error:
            raise StorageUnavailable("the store does not say what time it is; it will be asked again") from error

    def put(self, key: str, chunks: Iterable[bytes], length: int) -> Stored:
        """See :class:`storage.objects.ObjectStore`. Holds two parts in memory at most."""
        check_id(key)
        if self._unchecked:
            self.check_bucket()
        parts = collect(chunks, length, self._part)
        stored = self._put_small(key, b"".join(parts), length) if length <= self._part else self._put_large(key, parts, length)
        self._after_write()
        return stored

    def _put_small(self, key: str, data: bytes, length: int) -> Stored:
        digest = hashlib.sha256(data).digest()
        with s3_errors(f"object {key}"):
            try:
                answer = self._s3.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=data,
                    ContentLength=length,
                    IfNoneMatch="*",
                    ChecksumAlgorithm="SHA256",  # named too: a bucket with object lock asks for it
                    ChecksumSHA256=_b64(digest),
                )
            except ClientError as error:
                if code_of(error) not in _TAKEN:
                    raise
                return self._ours_or_refuse(key, length, digest)
        return Stored(key, answer.get("VersionId"), length, digest)

    def _put_large(self, key: str, parts: Iterator[bytes], length: int) -> Stored:
        with s3_errors(f"object {key}"):
            upload_id = self._s3.create_multipart_upload(Bucket=self._bucket, Key=key, ChecksumAlgorithm="SHA256")["UploadId"]
        try:
            sent, digest = self._send_parts(key, upload_id, parts)
            return self._complete(key, upload_id, sent, length, digest)
        except BaseException:
            with contextlib.suppress(StorageError):  # reconcile lists what could not be aborted
                self.abort(Upload(key, upload_id))
            raise

    def _send_parts(self, key: str, upload_id: str, parts: Iterator[bytes]) -> "tuple[list[CompletedPartTypeDef], bytes]":
        whole = hashlib.sha256()
        sent: list[CompletedPartTypeDef] = []
        for number, part in enumerate(parts, start=1):
            whole.update(part)
            checksum = _b64(hashlib.sha256(part).digest())
            with s3_errors(f"part {number} of object {key}"):
                answer = self._s3.upload_part(
                    Bucket=self._bucket,
                    Key=key,
                    UploadId=upload_id,
                    PartNumber=number,
                    Body=part,
                    ContentLength=len(part),
                    ChecksumSHA256=checksum,
                )
            sent.append({"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum})
        return sent, whole.digest()

    def _complete(self, key: str, upload_id: str, sent: "list[CompletedPartTypeDef]", length: int, digest: bytes) -> Stored:
        with s3_errors(f"object {key}"):
            try:
                answer = self._s3.complete_multipart_upload(
                    Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": sent}, IfNoneMatch="*"
                )
            except ClientError as error:
                if code_of(error) not in _TAKEN:
                    raise
                ours = self._ours_or_refuse(key, length, digest)
                self.abort(Upload(key, upload_id))
                return ours
        return Stored(key, answer.get("VersionId"), length, digest)

    def _ours_or_refuse(self, key: str, length: int, digest: bytes) -> Stored:
        """Adopt what is already there if it is the very same bytes: the answer to our own request was lost."""
        with s3_errors(f"object {key}"):
            head = self._s3.head_object(Bucket=self._bucket, Key=key)
        version_id = head.get("VersionId")
        if head["ContentLength"] != length or sha256_of(self, key, version_id, length) != digest:
            raise AlreadyHeld(f"object {key} is held with other bytes: take a new key")
        return Stored(key, version_id, length, digest)

    def get_range(self, key: str, version_id: str | None, start: int, stop: int) -> Span:
        """See :class:`storage.objects.ObjectStore`."""
        if not 0 <= start < stop:
            msg = f"bytes {start} to {stop} are no range: ask for one byte at least"
            raise StorageRefused(msg)
        wanted = f"bytes={start}-{stop - 1}"
        with s3_errors(f"object {key}"):
            if version_id is None:
                answer = self._s3.get_object(Bucket=self._bucket, Key=check_id(key), Range=wanted)
            else:
                answer = self._s3.get_object(Bucket=self._bucket, Key=check_id(key), VersionId=version_id, Range=wanted)
            with answer["Body"] as body:
                data = body.read()
        return Span(data, _total(answer.get("ContentRange", ""), key))

    def versions(self, key: str) -> tuple[Version, ...]:
        """See :class:`storage.objects.ObjectStore`."""
        found = [version for version in self._listed(check_id(key)) if version[0].key == key]
        return tuple(version for version, _latest in sorted(found, key=lambda entry: not entry[1]))

    def keys(self) -> Iterator[str]:
        """See :class:`storage.objects.ObjectStore`."""
        last = ""
        for version, _latest in self._listed(""):
            if version.key != last:
                yield version.key
            last = version.key

    def _listed(self, prefix: str) -> Iterator[tuple[Version, bool]]:
        """Yield each version and marker with whether it is the latest; page by page, keys in order."""
        with s3_errors(f"the list of bucket {self._bucket}"):
            for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix):
                listed = [
                    (Version(item["Key"], _version_id(item["VersionId"]), item["Size"], delete_marker=False), item["IsLatest"])
                    for item in page.get("Versions", [])
                ]
                listed += [
                    (Version(item["Key"], _version_id(item["VersionId"]), 0, delete_marker=True), item["IsLatest"])
                    for item in page.get("DeleteMarkers", [])
                ]
                yield from sorted(listed, key=lambda entry: entry[0].key)

    def uploads(self, key: str | None = None) -> tuple[Upload, ...]:
        """See :class:`storage.objects.ObjectStore`."""
        with s3_errors(f"the unfinished uploads of bucket {self._bucket}"):
            pages = self._s3.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=key or "")
            found = [Upload(item["Key"], item["UploadId"]) for page in pages for item in page.get("Uploads", [])]
        return tuple(upload for upload in found if key in (None, upload.key))

    def abort(self, upload: Upload) -> None:
        """See :class:`storage.objects.ObjectStore`."""
        with contextlib.suppress(NotHeld), s3_errors(f"the unfinished upload of object {upload.key}"):
            self._s3.abort_multipart_upload(Bucket=self._bucket, Key=upload.key, UploadId=upload.upload_id)

    def remove_all(self, key: str) -> Removed:
        """See :class:`storage.objects.ObjectStore`. Uploads go first, so that none can be completed into a new version.

        Raises:
            StorageUnavailable: also when the store still lists something after several rounds.
        """
        markers: list[bool] = []
        aborted = 0
        for _ in range(_ROUNDS):
            uploads, versions = self.uploads(key), self.versions(key)
            if not uploads and not versions:
                self._after_write()
                return Removed(markers.count(False), markers.count(True), aborted)
            for upload in uploads:
                self.abort(upload)
            for version in versions:
                self._remove(version)
            aborted += len(uploads)
            markers += [version.delete_marker for version in versions]
        if self.uploads(key) or self.versions(key):
            raise StorageUnavailable(f"object {key}: the store still lists versions or uploads after removing them; it will be tried again")
        self._after_write()
        return Removed(markers.count(False), markers.count(True), aborted)

    def _remove(self, version: Version) -> None:
        """Delete one version by its id: a delete without one would only add a marker."""
        with contextlib.suppress(NotHeld), s3_errors(f"object {version.key}"):
            self._s3.delete_object(Bucket=self._bucket, Key=version.key, VersionId=version.version_id or "null")


def _version_id(listed: str) -> str | None:
    return None if listed == "null" else listed


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")


def _total(content_range: str, key: str) -> int:
    """Read the length of the whole object from ``bytes 0-9/1000``."""
    total = content_range.rpartition("/")[2]
    if not total.isdigit():
        raise StorageUnavailable(f"object {key}: the store answered without a content range; it will be tried again")
    return int(total)
