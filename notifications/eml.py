"""Without a mail server: each mail is a file that a mail program opens."""

import os
import re
import secrets
from email.message import EmailMessage
from pathlib import Path

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
        name = _UNSAFE.sub("_", str(message["Message-ID"]).strip("<> "))
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


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(error: OSError) -> MailerUnavailableError:
    message = "the folder of outgoing mails cannot be written: check its disk and its owner; mails wait meanwhile"
    return MailerUnavailableError(message, f"eml_{error.errno}", server=True)
