"""What destruction asks of the shared folder and of the mails in files: intake and retention do not know each other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlmodel import select

from intake import originals
from intake.errors import IntakeError, NotRegularError
from intake.originals import TakenAway
from intake.shares import Place, Share, digest
from notifications.eml import EmlMailer
from notifications.errors import MailerUnavailableError
from notifications.smtp import Mailer
from registry.database import Database
from registry.tables import Deposit, DepositState, Door, Dossier
from retention.proving import OriginalsUnavailableError

_HELD = frozenset({TakenAway.IN_USE, TakenAway.REFUSED})


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (IntakeError, OSError) as error:
        raise OriginalsUnavailableError("the deposit folders do not answer: see that the share is there, and may be written") from error
    except MailerUnavailableError as error:
        raise OriginalsUnavailableError(f"the folder of outgoing mails does not answer: {error}") from error


@dataclass(frozen=True)
class FolderOriginals:
    """See :class:`retention.proving.Originals`."""

    database: Database
    share: Share

    def remove(self, recording_id: str, attempt_ids: Sequence[str], sha256: str) -> int:
        """See :class:`retention.proving.Originals`."""
        removed = 0
        with _answering():
            for row in self._unfinished(recording_id):
                assert row.attempt_id is not None
                result = originals.take_away(self.share, Place.of(row.place), row.attempt_id, sha256)
                if result in _HELD:
                    raise OriginalsUnavailableError("the share does not let go of an original: see who has it open, and its rights")
                removed += result is TakenAway.REMOVED
            for attempt in attempt_ids:
                if self._is_ours(self.share.aside(attempt), sha256):
                    self.share.unlink_aside(attempt)
                    removed += 1
        return removed

    def left(self, recording_id: str, attempt_ids: Sequence[str], sha256: str) -> int:
        """See :class:`retention.proving.Originals`."""
        with _answering():
            places = [self.share.aside(attempt) for attempt in attempt_ids]
            for row in self._unfinished(recording_id):
                assert row.attempt_id is not None
                places += [self.share.aside(row.attempt_id), Place.of(row.place)]
            return sum(self._is_ours(place, sha256) for place in dict.fromkeys(places))

    def _unfinished(self, recording_id: str) -> list[Deposit]:
        """Return the deposits of a recording whose originals intake has not taken away yet, where their folders can be seen.

        Raises:
            OriginalsUnavailableError: a folder of ours is not there: the share may be away, with the original on it.
        """
        with self.database.reading() as session:
            query = select(Deposit, Dossier).join(Dossier).where(Deposit.recording_id == recording_id, Deposit.state == DepositState.STORED)
            rows = [(row, dossier) for row, dossier in session.exec(query) if row.door is Door.FOLDER and row.attempt_id is not None]
        for row, dossier in rows:
            if dossier.folder_made_at is not None:
                with self.share.directory(Place.of(row.place).folder):
                    pass
        return [row for row, _ in rows]

    def _is_ours(self, place: Place, sha256: str) -> bool:
        """Tell whether the very file that was deposited lies in a place. What is no file is not it."""
        if self.share.stat(place) is None:
            return False
        try:
            with self.share.file(place) as (descriptor, _):
                return digest(descriptor) == sha256
        except NotRegularError:
            return False


@dataclass(frozen=True)
class FolderPapers:
    """See :class:`retention.clearing.Papers`."""

    share: Share
    mailer: Mailer

    def remove_folder(self, session_code: str, folder: str) -> None:
        """See :class:`retention.clearing.Papers`."""
        with _answering():
            self.share.remove_folder((session_code.encode("ascii"), folder.encode("ascii")))

    def remove_mails(self, message_ids: Sequence[str], names: Sequence[str]) -> None:
        """See :class:`retention.clearing.Papers`. Mails that a server sends leave no file here."""
        if isinstance(self.mailer, EmlMailer):
            with _answering():
                self.mailer.remove(message_ids, names)
