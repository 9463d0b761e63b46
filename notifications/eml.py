"""Without a mail server: each mail is a file that a mail program opens."""

import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from notifications.errors import MailerUnavailableError
from notifications.mail import envelope

_UNSAFE = re.compile(r"[^A-Za-z0-9@._-]")


class EmlMailer:
    """Writes each message as ``<message id>.eml`` into a folder, whole or not at all.

    The same message written twice is one file. Files are readable by their owner alone: they hold names and links.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the file, flushed to disk, under a temporary name first.

        Raises:
            ValueError: not from one address to one address.
            MailerUnavailableError: the folder cannot be written (full, missing, not ours).
        """
        envelope(message)
        name = _file_name(str(message["Message-ID"]))
        temporary = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(message.as_bytes())
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(self._folder / f"{name}.eml")
            finally:
                temporary.unlink(missing_ok=True)
            _sync(self._folder)
        except OSError as error:
            raise _unwritable(error) from error

    def remove(self, message_ids: Iterable[str], names: Iterable[str] = ()) -> int:
        """Remove the files of these messages, and every other that holds one of these names; return how many.

        One already gone is no error. Attached workbooks are looked into; a PDF is not, since it goes to the person that it names.

        Raises:
            MailerUnavailableError: the folder cannot be read or written.
        """
        wanted = {f"{_file_name(one)}.eml" for one in message_ids}
        told = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names) or r"\Z\A.", re.IGNORECASE)
        removed = 0
        try:
            for path in sorted(self._folder.glob("*.eml")):
                if path.name in wanted or _holds(path.read_bytes(), told):
                    path.unlink(missing_ok=True)
                    removed += 1
            if removed:
                _sync(self._folder)
        except OSError as error:
            raise _unwritable(error) from error
        return removed

    def check(self) -> None:
        """Try the folder with a file that is taken away at once.

        Raises:
            MailerUnavailableError: the folder cannot be written.
        """
        probe = self._folder / f".{secrets.token_hex(8)}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe.touch(mode=0o600, exist_ok=False)
            probe.unlink()
        except OSError as error:
            raise _unwritable(error) from error


def _file_name(message_id: str) -> str:
    return _UNSAFE.sub("_", message_id.strip("<> "))


def _holds(data: bytes, names: re.Pattern[str]) -> bool:
    """Tell whether a message holds one of these names, in its head, its text or an attached workbook."""
    message = message_from_bytes(data, policy=default)
    texts = [" ".join(str(value) for value in message.values())]
    for part in message.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            texts.append(content.decode(part.get_content_charset() or "utf-8", "replace"))
            texts += _sheets(content)
    return any(names.search(text) for text in texts)


def _sheets(content: bytes) -> list[str]:
    """Return the parts of a workbook; nothing for anything else."""
    if not content.startswith(b"PK"):
        return []
    with suppress(BadZipFile), ZipFile(BytesIO(content)) as archive:
        return [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return []


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(error: OSError) -> MailerUnavailableError:
    message = "the folder of outgoing mails cannot be written: check its disk and its owner; mails wait meanwhile"
    return MailerUnavailableError(message, f"eml_{error.errno}", server=True)
