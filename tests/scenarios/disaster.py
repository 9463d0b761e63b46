"""A centre to which disasters happen: backed up, gone on, damaged, restored by the real commands, and listened to afterwards."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from consigne import settings
from consigne.cli.common import attached
from consigne.wiring import Parts
from registry import users
from registry.tables import Evaluator, Hold, HoldReason, PortalSession, Recording, Role, UploadAttempt
from retention import guards
from sharing import grants, signing_in
from sharing.errors import SilentError
from sharing.listening import Silence, Window
from storage.keyfile import Tombstone
from storage.objects import ObjectStore, read_all
from tests.scenarios.centre import SESSION, STAFF_MAIL, Centre, recording

_MAIN = "from consigne.cli import main; main()"
_BACKDATE = text("UPDATE recording SET unlistenable_at = :at WHERE id = :id")
PASSPHRASE = "une phrase de secours pour les essais"


@dataclass
class Disaster:
    """One centre, and what it once held."""

    centre: Centre
    deposited: dict[str, bytes] = field(default_factory=dict)  # by recording
    copied: dict[str, bytes] = field(default_factory=dict)  # the stale copy of the bucket: sealed bytes by key

    # the people

    def deposit(self, *seeds: int) -> list[Recording]:
        """Enrol candidates and have each drop a recording; return what came of them, once the centre runs no more."""
        refs = self.centre.enrol(len(seeds))
        for ref in refs:
            self.centre.attest(ref)
        with self.centre.up():
            for ref, seed in zip(refs, seeds, strict=True):
                self.centre.drop(ref, "appel.mp3", recording(seed))
            for ref in refs:
                self.centre.wait_answer(ref)
        found = [self.centre.recordings(ref)[0] for ref in refs]
        self.deposited |= {one.id: recording(seed) for one, seed in zip(found, seeds, strict=True)}
        return found

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command to its end; return what it printed."""
        command = [sys.executable, "-c", _MAIN, "--home", str(self.centre.home), *words]
        environment = {**os.environ, **self.centre.environment}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + (done.stderr if code else "")

    def said(self, *words: str, code: int = 0) -> Any:
        """Run a command, and read the one document that it prints."""
        return json.loads(self.run(*words, "--json", code=code).splitlines()[0])

    def destroy(self, one: Recording) -> None:
        """Withdraw the client's consent, let a day go by, and destroy."""
        self.run("withdraw", one.id, "--reason", "le client le demande", "--by", STAFF_MAIL)
        with self.parts() as parts, attached(parts):
            with parts.database.engine.begin() as connection:
                at = datetime.now(UTC) - timedelta(hours=25)
                connection.execute(_BACKDATE, {"at": at if not parts.database.is_sqlite else at.replace(tzinfo=None), "id": one.id})
            with parts.database.bookkeeping() as session:
                session.get_one(Recording, one.id).stale = True
                person = users.holding(session, Role.COORDINATOR)[0].id
            with parts.database.transaction(parts.clock.now(), person) as tx:
                guards.vouch(tx)  # the machine of a test has nothing to compare its clock with
            swept = parts.destroyer().sweep()
            assert [(end.recording_id, str(end.outcome)) for end in swept.ended] == [(one.id, "destroyed")], swept
            parts.anchors.anchor(parts.clock.now())

    def appeal(self, one: Recording) -> None:
        """Record an appeal."""
        self.run("appeal", f"{SESSION}/{self.reference(one)}", "--received", f"{datetime.now(UTC):%Y-%m-%d}", "--by", STAFF_MAIL)

    def reference(self, one: Recording) -> str:
        """Return the reference of a recording's candidate."""
        return next(ref for ref in self.centre.references() if self.centre.file(ref).dossier.id == one.dossier_id)

    # the machines

    @contextmanager
    def parts(self) -> Iterator[Parts]:
        """Open the centre anew, as a process does that starts."""
        made = Parts(settings.load(self.centre.home, {**os.environ, **self.centre.environment}))
        try:
            yield made
        finally:
            made.close()

    def copy_bucket(self) -> None:
        """Copy every object somewhere else, as it lies there sealed."""
        with self.parts() as parts, attached(parts):
            for key in list(parts.objects.keys()):
                version = parts.objects.versions(key)[0]
                self.copied[key] = b"".join(read_all(parts.objects, key, version.version_id, version.length))

    def put_bucket_back(self) -> None:
        """Copy the stale copy over the bucket: what it knows gets other versions, what was destroyed is there again."""
        with self.parts() as parts, attached(parts):
            for key, data in self.copied.items():
                parts.objects.remove_all(key)
                parts.objects.put(key, [data], len(data))

    def lose(self, *names: str) -> None:
        """Lose files or directories of the centre's."""
        self.centre.parts.close()
        self.centre.__dict__.pop("parts", None)
        for name in names:
            for path in self.centre.home.glob(name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    # what came of it

    def rows(self, parts: Parts) -> dict[str, Recording]:
        """Return every recording, by id."""
        with parts.database.reading() as session:
            return {one.id: one for one in session.exec(select(Recording))}

    def is_gone(self, parts: Parts, attempt_id: str) -> bool:
        """Tell whether a recording can be read by nobody: two tombstones, and none of the objects that the stale copy brought back."""
        keys = parts.vaults.get_both(attempt_id)
        return all(isinstance(one, Tombstone) for one in keys)

    def objects_of(self, parts: Parts, attempt_id: str) -> list[str]:
        """Return the keys of an attempt's objects."""
        with parts.database.reading() as session:
            row = session.get(UploadAttempt, attempt_id)
        return [] if row is None else [row.object_key, row.waveform_key]

    def release(self) -> None:
        """Lift the restore's hold, as a named person."""
        with self.parts() as parts, parts.database.reading() as session:
            query = select(Hold.id).where(Hold.reason == HoldReason.RESTORED, col(Hold.released_at).is_(None))
            (hold,) = session.exec(query).all()
        self.run("release", hold, "--reason", "tout est ressaisi", "--by", STAFF_MAIL)

    def heard(self, parts: Parts, recording_id: str) -> bytes | Silence:
        """Assign a recording to an evaluator, sign him in, and return all that he hears; or why he hears nothing."""
        now = parts.clock.now()
        with parts.database.transaction(now, "system:essai") as tx:
            evaluator = tx.session.exec(select(Evaluator)).first() or grants.enrol(
                tx, name="Maud Membre", mail="maud@evaluation.example", employer="Ailleurs"
            )
            evaluator_id = evaluator.id
        with parts.database.bookkeeping() as session:
            cookie = signing_in.sign_in(session, signing_in.make_link(session, evaluator_id, now, now + timedelta(days=1)), now)
        assert cookie is not None
        try:
            with parts.database.transaction(now, "system:essai") as tx:
                grants.assign(tx, evaluator_id, recording_id, Window(now - timedelta(hours=1), now + timedelta(days=1)))
        except Exception:  # noqa: BLE001, S110 - the room itself is asked next, and must refuse on its own
            pass
        try:
            permit = parts.room.permit(cookie, recording_id)
            return parts.room.read(permit, 0, permit.plain_length)
        except SilentError as refused:
            return Silence(refused.why)
        finally:
            with parts.database.bookkeeping() as session:
                for row in session.exec(select(PortalSession)):
                    session.delete(row)


def listed(store: ObjectStore, keys: list[str]) -> list[str]:
    """Return which of these keys the store still lists."""
    return [key for key in keys if store.versions(key)]
