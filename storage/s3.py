"""The way to an S3 service: settings, a client with limits, and what its errors mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.loaders import Loader, create_loader

from storage.errors import NotHeld, StorageRefused, StorageUnavailable

if TYPE_CHECKING:  # the stubs are not installed where Consigne runs
    from mypy_boto3_s3 import S3Client

_ABSENT: Final = frozenset({"404", "NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NoSuchUpload", "InvalidRange", "416"})
_PASSING: Final = frozenset(
    {"BadDigest", "ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "SlowDown", "Throttling", "ThrottlingException"}
)
_SERVER: Final = 500
_TOO_MANY: Final = 429


@dataclass(frozen=True)
class S3Settings:
    """Where an S3 service is and how to speak to it. The secret is not shown.

    ``read_timeout`` counts from when the kernel has taken the last bytes of a request: up to 4 MB of a part of 8 MiB are then still
    on their way, which a line of 1 Mbit/s needs 34 s for. All the attempts at one request must end within the three minutes after which
    a silent worker counts as dead.
    """

    bucket: str
    endpoint_url: str | None = None
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 45.0
    attempts: int = 3


@cache
def _loader() -> Loader:
    """Read botocore's description of the services once: it is nine tenths of what making a client costs."""
    return create_loader()


def aws_session(region: str, access_key: str | None = None, secret_key: str | None = None) -> boto3.session.Session:
    """Make a session of its own, so that clients may be made in any thread."""
    core = botocore.session.get_session()
    core.register_component("data_loader", _loader())
    return boto3.session.Session(access_key, secret_key, region_name=region, botocore_session=core)


def client(settings: S3Settings) -> "S3Client":
    """Make a client with time limits and bounded retries; without keys in the settings, boto3 looks where it always does."""
    nearby = _on_loopback(settings.endpoint_url)
    config = Config(
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        retries={"mode": "standard", "total_max_attempts": settings.attempts},
        s3={
            "addressing_style": "path" if settings.endpoint_url else "auto",
            # on loopback the signature covers the checksum of each part, and hashing every body once more on either side proves no more
            **({"payload_signing_enabled": False} if nearby else {}),
        },
        max_pool_connections=8,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        proxies={} if nearby else None,
    )
    return aws_session(settings.region, settings.access_key, settings.secret_key).client(
        "s3", endpoint_url=settings.endpoint_url, verify=settings.ca_bundle, config=config
    )


def _on_loopback(endpoint_url: str | None) -> bool:
    return urlsplit(endpoint_url or "").hostname in ("127.0.0.1", "::1", "localhost")


def code_of(error: ClientError) -> str:
    """Return the service's own code, such as ``NoSuchKey``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """Return the HTTP status."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def s3_errors(what: str) -> Iterator[None]:
    """Wrap what boto3 raises. The service's own text is left out: it can quote keys and addresses.

    Raises:
        NotHeld: the bucket, object, version, upload or range is not there.
        StorageRefused: the service says no (rights, wrong credentials, a rule).
        StorageUnavailable: it does not answer, or says that the trouble is its own.
    """
    try:
        yield
    except ClientError as error:
        code, status = code_of(error), status_of(error)
        if code in _ABSENT:
            raise NotHeld(f"{what}: the store does not hold it ({code}); check the bucket's name, then run reconcile") from error
        if code in _PASSING or status >= _SERVER or status == _TOO_MANY:
            raise StorageUnavailable(f"{what}: the store has trouble ({code or status}); it will be tried again") from error
        raise StorageRefused(f"{what}: the store refuses ({code or status}); check its address, credentials and rights") from error
    except (BotoConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise StorageUnavailable(f"{what}: the store does not answer ({type(error).__name__}); it will be tried again") from error
    except BotoCoreError as error:
        raise StorageRefused(f"{what}: the request cannot be made ({type(error).__name__}); check the store's settings") from error
