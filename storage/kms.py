"""Wrap the identity by AWS KMS: the private half is on disk only as KMS's ciphertext, and root of the machine must ask KMS."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from journal import canonical
from storage.errors import StorageRefused, StorageUnavailable, Tampered
from storage.s3 import aws_session, code_of, status_of
from storage.strict import Fields, b64
from storage.wrapping import Label

if TYPE_CHECKING:  # the stubs are not installed where Consigne runs
    from mypy_boto3_kms import KMSClient

_WRONG: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_PASSING: Final = frozenset({"DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException", "ThrottlingException"})
_SERVER: Final = 500


class KmsWrapping:
    """See :class:`storage.wrapping.Wrapping`. The encryption context holds the kind and the fingerprint of the key: nothing personal."""

    method = "aws-kms"

    def __init__(self, key_id: str, region: str, endpoint_url: str | None = None) -> None:
        """Prepare the wrapping.

        Args:
            key_id: the KMS key's id, ARN or alias.
            region: where the key lives.
            endpoint_url: another endpoint than AWS's own.
        """
        config = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
        self._kms: KMSClient = aws_session(region).client("kms", endpoint_url=endpoint_url, config=config)
        self._key_id = key_id

    def wrap(self, secret: bytes, label: Label) -> dict[str, canonical.Json]:
        """See :class:`storage.wrapping.Wrapping`.

        Raises:
            StorageRefused, StorageUnavailable: KMS says no, or does not answer.
        """
        with _kms_errors():
            answer = self._kms.encrypt(KeyId=self._key_id, Plaintext=secret, EncryptionContext=_context(label))
        return {"ciphertext": b64(answer["CiphertextBlob"]), "kms_key": answer["KeyId"]}

    def unwrap(self, fields: canonical.Json, label: Label) -> bytes:
        """See :class:`storage.wrapping.Wrapping`. The key that wrapped is the key asked, whatever the settings name now.

        Raises:
            Tampered: KMS does not know this ciphertext under this label.
            StorageRefused, StorageUnavailable: KMS says no, or does not answer.
        """
        found = Fields(fields, {"ciphertext", "kms_key"}, "a key wrapped by KMS")
        with _kms_errors():
            return self._kms.decrypt(
                CiphertextBlob=found.data("ciphertext"), KeyId=found.text("kms_key"), EncryptionContext=_context(label)
            )["Plaintext"]


def _context(label: Label) -> dict[str, str]:
    return {"consigne:key": label.key_id, "consigne:kind": label.kind.value}


@contextmanager
def _kms_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        if code in _WRONG:
            raise Tampered(f"KMS does not open this key ({code}): the file was changed, or belongs to another key") from error
        if code in _PASSING or status_of(error) >= _SERVER:
            raise StorageUnavailable(f"KMS has trouble ({code}); it will be tried again") from error
        raise StorageRefused(f"KMS refuses ({code}): check the key, its policy and the credentials") from error
    except BotoCoreError as error:
        raise StorageUnavailable(f"KMS does not answer ({type(error).__name__}); it will be tried again") from error
