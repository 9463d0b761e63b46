"""The listening room: what the portal asks on behalf of whoever holds a cookie."""

from dataclasses import dataclass, field

from sqlmodel import Session

from registry.clock import Clock
from registry.database import Database
from sharing import asking, listening, signing_in
from sharing.asking import Permit
from sharing.errors import SilentError
from sharing.keys import Keyring
from sharing.log import Notebook
from sharing.sound import Sounds


@dataclass(frozen=True)
class Room:
    """Permits, bytes and the log, for one process. ``close`` writes down what is left and drops every key."""

    database: Database
    sounds: Sounds
    clock: Clock
    notebook: Notebook = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "notebook", Notebook(self.database))

    @property
    def keys(self) -> Keyring:
        """The keys of what is being listened to."""
        return self.sounds.keys

    def permit(self, cookie: str, recording_id: str) -> Permit:
        """Ask the registry whether whoever holds this cookie may hear this recording now. Nothing is remembered.

        Raises:
            SilentError: no. The recording's key is dropped from memory where nobody may hear it any more.
            DatabaseUnavailableError: it cannot be asked, and so the answer is no.
        """
        with self.database.reading() as session:
            try:
                return asking.permit(session, signing_in.hash_of(cookie), recording_id, self.clock.now())
            except SilentError as refusal:
                if refusal.why in listening.FOR_EVERYONE:
                    self._forget(session, recording_id)
                raise

    def _forget(self, session: Session, recording_id: str) -> None:
        attempt_id = asking.attempt_of(session, recording_id)
        if attempt_id is not None:
            self.keys.forget(attempt_id)

    def begin(self, permit: Permit) -> str:
        """Commit the opening to the log and the journal, before a byte leaves; return the sitting."""
        return self.notebook.begin(permit.person_id, permit.recording_id, self.clock.now())

    def read(self, permit: Permit, start: int, stop: int) -> bytes:
        """See :meth:`sharing.sound.Sounds.read`. Whoever hands the bytes on asks for another permit first, if time has passed."""
        return self.sounds.read(permit, start, stop)

    def note(self, sitting: str, start: int, stop: int) -> None:
        """Note that these bytes were handed over."""
        self.notebook.note(sitting, start, stop, self.clock.now())

    def close(self) -> None:
        """End the service."""
        self.notebook.close()
        self.keys.close()
