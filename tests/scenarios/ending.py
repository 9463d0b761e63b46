"""What a story leaves behind: seen from outside the centre, with the private identity that intake does not hold."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from sqlmodel import col, select

from journal import log
from registry.audit import unexplained
from registry.states import MailState
from registry.tables import AttemptState, Deposit, DepositState, OutboxFile, OutboxMail, Recording, UploadAttempt
from storage.identity import Identity, open_key
from storage.keyfile import KeyFile, Tombstone
from storage.objects import ObjectStore, read_all
from storage.seal import Part, open_all, open_stream
from storage.wrapping import PassphraseWrapping
from tests.scenarios.centre import Centre, wait_for

_AGAIN = frozenset({"recording.checking", "recording.interrupted", "attempt.discarded"})


@dataclass(frozen=True)
class Ending:
    """All that is left of one deposit, without what chance gave: ids, times, and how often it was begun again."""

    recordings: tuple[tuple[str, str | None], ...]  # state and answer of each
    receipts: int
    winners: int
    opened_as_deposited: bool
    won_keys: tuple[str, str]  # what vault and mirror hold
    won_versions: tuple[int, int]  # of sound and waveform
    of_losers: tuple[str, ...]  # whatever a losing attempt has left
    deposits: tuple[str, ...]
    folder: tuple[str, ...]
    answers: int
    mails: tuple[tuple[str, str], ...]  # kind and state of each
    mails_written: int
    entries: tuple[str, ...]


UNHARMED = Ending(
    recordings=(("accepted", "received"),),
    receipts=1,
    winners=1,
    opened_as_deposited=True,
    won_keys=("KeyFile", "KeyFile"),
    won_versions=(1, 1),
    of_losers=(),
    deposits=("done",),
    folder=("1 - Bien reçu.pdf", "2 - Mode d’emploi.html", "3 - Attestation d’accord du client (à remplir).pdf"),
    answers=1,
    mails=(("deposit.open", "sent"), ("answer.received", "sent")),
    mails_written=2,
    entries=("recording.received", "recording.stored", "recording.accepted", "original.taken_away"),
)
"""How a good deposit, attested beforehand, ends when nothing is killed."""


@dataclass(frozen=True)
class Witness:
    """Looks at a centre from outside. Its object store must run."""

    centre: Centre

    @cached_property
    def identity(self) -> Identity:
        """The private half, which lies in the centre's directory and which intake never opens."""
        told = self.centre.parts.settings
        passphrase = told.path(told.identity.passphrase_file).read_text("utf-8").strip()
        return Identity.load(told.path(told.identity.private_file), PassphraseWrapping(passphrase))

    def settled(self, ref: str) -> bool:
        """Tell whether nothing is left to do for a candidate: nothing waits, nothing is under way."""
        dossier = self.centre.file(ref).dossier
        with self.centre.database().reading() as session:
            deposits = session.exec(select(Deposit).where(Deposit.dossier_id == dossier.id)).all()
            files = session.exec(select(OutboxFile).where(OutboxFile.dossier_id == dossier.id)).all()
        return (
            any(one.state is DepositState.DONE for one in deposits)
            and all(one.state in {DepositState.DONE, DepositState.LEFT} for one in deposits)
            and all(one.written_at is not None for one in files)
            and not any(_is_under_way(mail) for mail in self.centre.mails(ref))
        )

    def swept(self) -> bool:
        """Tell whether every upload attempt that lost was discarded; the sweep runs at the start, and each five minutes."""
        lost = select(UploadAttempt).where(UploadAttempt.state != AttemptState.WON, col(UploadAttempt.swept_at).is_(None))
        with self.centre.database().reading() as session:
            return session.exec(lost).first() is None

    def ending_but_for_mail(self, ref: str, content: bytes, seconds: float = 40.0) -> Ending:
        """Say how a deposit ended where a mail may have been leaving at the kill: whether that one left, nobody knows."""
        ended = self.ending(ref, content, seconds)
        mails = tuple((kind, "sent" if state == MailState.UNCERTAIN else state) for kind, state in ended.mails)
        written = ended.mails_written + sum(state == MailState.UNCERTAIN for _, state in ended.mails)
        return replace(ended, mails=mails, mails_written=min(written, len(mails)))

    def ending(self, ref: str, content: bytes, seconds: float = 40.0) -> Ending:
        """Wait until a candidate's deposit is settled, and say what is left of it."""
        wait_for(lambda: self.settled(ref) and self.swept(), f"the deposit of {ref} is settled", seconds)
        found = self.centre.recordings(ref)
        dossier = self.centre.file(ref).dossier.id
        with self.centre.database().reading() as session:
            attempts = session.exec(select(UploadAttempt).where(col(UploadAttempt.recording_id).in_([one.id for one in found]))).all()
            deposits = session.exec(select(Deposit.state).where(Deposit.dossier_id == dossier)).all()
            written = session.exec(select(OutboxFile).where(OutboxFile.dossier_id == dossier, col(OutboxFile.recording_id).is_not(None)))
            answers = len(written.all())
            entries = tuple(
                one.entry.kind
                for recording in found
                for one in log.entries_about(session.connection(), recording.id)
                if one.entry.kind not in _AGAIN
            )
        winners = [one for one in attempts if one.state is AttemptState.WON]
        store = self.store
        won = winners[0] if winners else None
        mails = self.centre.mails(ref)
        return Ending(
            recordings=tuple((str(one.state), one.answer and str(one.answer)) for one in found),
            receipts=sum(one.receipt_number is not None for one in found),
            winners=len(winners),
            opened_as_deposited=won is not None and self._opens(store, found[0], won, content),
            won_keys=self._held(won.id) if won else ("", ""),
            won_versions=(len(store.versions(won.object_key)), len(store.versions(won.waveform_key))) if won else (0, 0),
            of_losers=tuple(fault for one in attempts if one not in winners for fault in self._left_of(store, one)),
            deposits=tuple(sorted(str(state) for state in deposits)),
            folder=tuple(sorted(path.name for path in self.centre.folder(ref).iterdir())),
            answers=answers,
            mails=tuple((mail.kind, str(mail.state)) for mail in mails),
            mails_written=sum(self._is_written(mail) for mail in mails),
            entries=entries,
        )

    @property
    def store(self) -> ObjectStore:
        """The store, by the ports that it has now."""
        embedded = self.centre.parts.embedded
        assert embedded is not None
        assert embedded.attach()
        return embedded.objects(self.centre.parts.settings.objects.bucket)

    def _held(self, attempt_id: str) -> tuple[str, str]:
        vault, mirror = self.centre.parts.vaults.get_both(attempt_id)
        return type(vault).__name__, type(mirror).__name__

    def _opens(self, store: ObjectStore, recording: Recording, won: UploadAttempt, content: bytes) -> bool:
        """Open what is stored with the identity, and compare both objects with what was deposited and read of it."""
        vault, mirror = self.centre.parts.vaults.get_both(won.id)
        if not isinstance(vault, KeyFile) or vault != mirror or recording.attempt_id != won.id or recording.sealed_bytes is None:
            return False
        key = open_key(vault, [self.identity])
        pieces = read_all(store, won.object_key, recording.object_version, recording.sealed_bytes)
        sound = b"".join(open_stream(key, vault.context(Part.SOUND), pieces))
        wave = vault.sealed_object(Part.WAVEFORM)
        version = store.versions(won.waveform_key)[0]
        assert wave is not None
        sealed = b"".join(read_all(store, won.waveform_key, recording.waveform_version, version.length))
        whole = len(open_all(key, vault.context(Part.WAVEFORM), sealed, wave.plain_length)) > 0
        return whole and sound == content and hashlib.sha256(content).hexdigest() == recording.sha256

    def _left_of(self, store: ObjectStore, lost: UploadAttempt) -> Iterator[str]:
        """Name what a losing attempt has left, which should be a row and two tombstones."""
        if lost.state is not AttemptState.DISCARDED or lost.swept_at is None:
            yield f"attempt {lost.state}"
        if self._held(lost.id) != (Tombstone.__name__, Tombstone.__name__):
            yield f"key {self._held(lost.id)}"
        for key in (lost.object_key, lost.waveform_key):
            if store.versions(key) or store.uploads(key):
                yield f"object {store.versions(key)} {store.uploads(key)}"

    def _is_written(self, mail: OutboxMail) -> bool:
        outbox = self.centre.parts.settings.path(self.centre.parts.settings.mail.outbox)
        return (outbox / f"{mail.message_id.strip('<>')}.eml").is_file()

    def faults(self) -> list[str]:
        """Name everything in the whole centre that nobody can account for."""
        database, vaults, store = self.centre.database(), self.centre.parts.vaults, self.store
        aside = self.centre.parts.share.root / ".consigne"
        with database.reading() as session:
            attempts = session.exec(select(UploadAttempt)).all()
            numbers = sorted(one for one in session.exec(select(Recording.receipt_number)) if one is not None)
            found = [f"journal: {fault}" for fault in log.check(session.connection())]
            found += [f"unexplained: {fault}" for fault in unexplained(session)]
        known = {key for one in attempts for key in (one.object_key, one.waveform_key)}
        found += [f"object without an attempt: {key}" for key in sorted(set(store.keys()) - known)]
        found += [f"unfinished upload: {upload.key}" for upload in store.uploads()]
        found += [f"key without an attempt: {one}" for one in vaults.list() if one not in {attempt.id for attempt in attempts}]
        found += [f"set aside: {path.name}" for path in aside.glob("*")]
        found += [f"receipts: {numbers}"] if [int(one[-4:]) for one in numbers] != list(range(1, len(numbers) + 1)) else []
        return found


def _is_under_way(mail: OutboxMail) -> bool:
    """Tell whether a mail is still to leave, or its end still to be noted."""
    return mail.state in {MailState.QUEUED, MailState.SENDING}
