"""The copies of one recording that Consigne made: its keys and its sealed objects, of the attempt that won and of those that lost.

They are written down when destruction begins, so that it can be finished, and proved, whatever becomes of the rows meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from registry.tables import Recording, UploadAttempt
from storage.keyfile import Held, KeyFile, Tombstone
from storage.seal import Part
from storage.vault import Mirrored

Answers = tuple[Held | None, Held | None]
"""What the vault and its mirror say of one attempt."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What one upload attempt left: a key under its id in vault and mirror, and two objects, whose names may be unknown."""

    attempt_id: str
    sound: str | None = None
    waveform: str | None = None

    @property
    def object_keys(self) -> tuple[str, ...]:
        """The names of its objects."""
        return tuple(key for key in (self.sound, self.waveform) if key is not None)


@dataclass(frozen=True, slots=True)
class Copies:
    """All of one recording's. The versions are those that the registry recorded of the attempt that won."""

    each: tuple[Copy, ...]
    won: str | None = None
    sound_version: str | None = None
    waveform_version: str | None = None

    @property
    def attempt_ids(self) -> tuple[str, ...]:
        """The attempts whose keys must be entombed."""
        return tuple(one.attempt_id for one in self.each)

    def objects(self) -> tuple[tuple[str, str | None], ...]:
        """Return every object that must be gone, with the version that the registry knows of it."""
        found: list[tuple[str, str | None]] = []
        for one in self.each:
            versions = (self.sound_version, self.waveform_version) if one.attempt_id == self.won else (None, None)
            found += [(key, version) for key, version in zip((one.sound, one.waveform), versions, strict=True) if key is not None]
        return tuple(found)


def of_recording(session: Session, recording: Recording, answers: Mapping[str, Answers]) -> Copies:
    """Gather what the rows name, and what the key files name where a row is missing (after a restore)."""
    query = select(UploadAttempt).where(UploadAttempt.recording_id == recording.id).order_by(col(UploadAttempt.id))
    found = {row.id: Copy(row.id, row.object_key, row.waveform_key) for row in session.exec(query)}
    if recording.attempt_id is not None:
        found.setdefault(recording.attempt_id, Copy(recording.attempt_id))
    for attempt, held in answers.items():
        for key_file in held:
            if isinstance(key_file, KeyFile) and key_file.recording_id == recording.id:
                found[attempt] = _completed(found.get(attempt, Copy(attempt)), key_file)
    return Copies(tuple(found.values()), recording.attempt_id, recording.object_version, recording.waveform_version)


def _completed(copy: Copy, key_file: KeyFile) -> Copy:
    named = {one.part: one.object_key for one in key_file.objects}
    return replace(copy, sound=copy.sound or named.get(Part.SOUND), waveform=copy.waveform or named.get(Part.WAVEFORM))


def attempts_of(session: Session, recording: Recording) -> tuple[str, ...]:
    """Return every upload attempt that a recording is known to have had."""
    rows = session.exec(select(UploadAttempt.id).where(UploadAttempt.recording_id == recording.id)).all()
    return tuple(sorted({*rows, *([recording.attempt_id] if recording.attempt_id else [])}))


def answers_of(vaults: Mirrored, attempt_ids: Iterable[str]) -> dict[str, Answers]:
    """Ask vault and mirror about each attempt.

    Raises:
        StorageError: one of them does not answer, or holds what cannot be read.
    """
    return {attempt: vaults.get_both(attempt) for attempt in attempt_ids}


def is_entombed(answers: Answers | None) -> bool:
    """Tell whether either of the two says that the key was destroyed."""
    return answers is not None and any(isinstance(one, Tombstone) for one in answers)
