"""A centre where recordings are sealed and can be heard: the real rules and the real pages, stores in memory."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from consent.notices import load_notices
from intake.answering import Answering
from intake.policy import Policy
from intake.shares import Share
from journal import log
from notifications.centre import Centre
from portal.services import PortalServices
from registry.codes import Code, Language
from registry.database import Database
from registry.ids import new_id
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Evaluator, Grant, Listening, Recording
from sharing import grants, posting, signing_in
from sharing.keys import Keyring
from sharing.listening import Window
from sharing.log import of_recording
from sharing.room import Room
from sharing.sound import Sounds
from storage.identity import Identity
from storage.keyfile import KeyFile, SealedObject
from storage.objects import MemoryObjects, ObjectStore
from storage.seal import Context, DataKey, Part, seal, sealed_length
from storage.vault import MemoryVault, Mirrored
from tests import factories
from tests.factories import CENTRE, FixedClock, Intakes, mails_of

ACTOR = "system:test"
_IDENTITY = Identity.generate()
_LINK = re.compile(r"/e/([A-Za-z0-9_-]{43})")


@dataclass
class House:
    """One centre, its people, and what they may hear."""

    database: Database
    share: Share
    objects: ObjectStore = field(default_factory=MemoryObjects)
    clock: FixedClock = field(default_factory=FixedClock)
    vaults: Mirrored = field(default_factory=lambda: Mirrored(MemoryVault(), MemoryVault()))
    identity: Identity = _IDENTITY
    portal_url: str = "http://127.0.0.1:8750"
    kept_seconds: float = 120.0
    deposited: dict[str, bytes] = field(default_factory=dict)
    woken: int = 0

    @property
    def centre(self) -> Centre:
        """The centre, as mails tell of it."""
        return replace(CENTRE, portal_url=self.portal_url)

    @cached_property
    def room(self) -> Room:
        """The listening room."""
        keys = Keyring(self.vaults, lambda: (self.identity,), self.kept_seconds)
        return Room(self.database, Sounds(self.database, lambda: self.objects, keys, self.clock), self.clock)

    def services(self) -> PortalServices:
        """Return what the pages are given."""

        def wake() -> None:
            self.woken += 1

        answering = Answering(self.centre, Policy())
        return PortalServices(self.database, answering, self.centre, self.clock, load_notices(), wake, self.room)

    # what is deposited

    def file(self, reference: str = factories.REFERENCE, **told: str) -> File:
        """Open a session with one candidate."""
        return factories.opened(self.database, reference, **told)[0]  # type: ignore[arg-type]  # the names of the factory

    def deposit(self, file: File, data: bytes | None = None, *codes: Code, attested: bool = True) -> str:
        """Seal a recording into a dossier, with the client's consent on record unless told otherwise; return its identifier."""
        sound = os.urandom(100_000) if data is None else data
        parts = Intakes(self.database, self.share, self.clock)
        if attested:
            factories.attest(parts, file)
        recording = factories.admitted(parts, file, *codes, data=sound)
        self._seal(file, recording, sound)
        self.deposited[recording.id] = sound
        return recording.id

    def _seal(self, file: File, recording: Recording, sound: bytes) -> None:
        key, attempt = DataKey.generate(), str(recording.attempt_id)
        context = Context(recording.id, attempt, file.session.id, Part.SOUND)
        stored = self.objects.put(new_id("obj"), seal(key, context, [sound]), sealed_length(len(sound)))
        held = SealedObject(Part.SOUND, stored.key, len(sound), stored.sha256)
        sealed_key = self.identity.public.seal(key, context)
        self.vaults.put(KeyFile(recording.id, attempt, file.session.id, self.identity.identity_id, sealed_key, (held,)))
        with self.database.transaction(self.clock.now(), ACTOR) as tx:
            row = tx.lock(Recording, recording.id)
            row.object_version, row.sealed_sha256, row.sealed_bytes = stored.version_id, stored.sha256.hex(), stored.length
            tx.record("recording.stored", row.id)

    # who may hear it

    def evaluator(self, mail: str = "membre@cte.test", language: Language = Language.FR) -> Evaluator:
        """Enrol a member of the committee."""
        with self.database.transaction(self.clock.now(), ACTOR) as tx:
            return grants.enrol(tx, name="Maud Membre", mail=mail, employer="Autre entreprise", language=language)

    def grant(self, evaluator: Evaluator, recording: str, *, days: float = 20, after: float = 0) -> Grant:
        """Assign a recording for some days, from now or later on."""
        now = self.clock.now()
        window = Window(now + timedelta(days=after), now + timedelta(days=after + days))
        with self.database.transaction(now, ACTOR) as tx:
            return grants.assign(tx, evaluator.id, recording, window).grant

    def send(self, given: Grant) -> str:
        """Send the mail about a grant, and return the link's token that is in it."""
        with self.database.transaction(self.clock.now(), ACTOR) as tx:
            posting.available(tx, self.centre, [given])
        return self.token()

    def token(self) -> str:
        """Return the token in the newest mail."""
        with self.database.reading() as session:
            newest = max(mails_of(session, "listening."), key=lambda mail: mail.created_at)
            found = _LINK.search(newest.text)
        assert found is not None
        return found[1]

    def sign_in(self, person_id: str) -> str:
        """Sign somebody in, and return the cookie's secret."""
        now = self.clock.now()
        with self.database.bookkeeping() as session:
            token = signing_in.make_link(session, person_id, now, now + timedelta(days=1))
            session.flush()
            cookie = signing_in.sign_in(session, token, now)
        assert cookie is not None
        return cookie

    def listener(self, data: bytes | None = None) -> tuple[str, str, Evaluator]:
        """Return a recording that is assigned, the cookie of its listener, and the listener."""
        recording, evaluator = self.deposit(self.file(), data), self.evaluator()
        self.grant(evaluator, recording)
        return recording, self.sign_in(evaluator.id), evaluator

    # what came of it

    def state(self, recording: str) -> RecordingState:
        """Read a recording's state."""
        with self.database.reading() as session:
            return session.get_one(Recording, recording).state

    def sittings(self, recording: str) -> list[Listening]:
        """Write down what was noted, and read a recording's log."""
        self.room.notebook.flush()
        with self.database.reading() as session:
            return list(of_recording(session, recording))

    def kinds(self, subject: str) -> list[str]:
        """Read what the journal says of something."""
        with self.database.reading() as session:
            return factories.kinds(session, subject)

    def entries(self, kind: str) -> list[log.Recorded]:
        """Read the journal's entries of one kind."""
        with self.database.reading() as session:
            return [one for one in log.read(session.connection()) if one.entry.kind == kind]


@contextmanager
def opened(database: Database, share: Share, **told: object) -> Iterator[House]:
    """Open a house, and close its room at the end."""
    house = House(database, share, **told)  # type: ignore[arg-type]  # the fields of a house
    try:
        yield house
    finally:
        house.room.close()
