"""Disasters, on the real store: what was destroyed stays so, what survived is not lost, nobody acts before a person has looked."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from consigne.cli.common import attached
from journal import checkpoints, log
from registry.audit import unexplained
from registry.states import RecordingState
from registry.tables import Recording
from retention import dump
from retention.backing_up import Backup
from sharing.listening import Silence
from tests.scenarios.centre import STAFF_MAIL, Centre
from tests.scenarios.disaster import PASSPHRASE, Disaster, listed

pytestmark = [pytest.mark.scenario, pytest.mark.slow]


@dataclass(frozen=True)
class Told:
    """The story until the disaster: what was destroyed, what survives from before the backup, and from after it."""

    disaster: Disaster
    backup: Path
    checkpoint: Path
    gone: Recording
    kept: Recording
    contested: Recording
    late: Recording


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Back up, copy the bucket, destroy, deposit, and record an appeal; then nothing runs."""
    directory = tmp_path_factory.mktemp("played")
    with Centre.found(directory) as centre:
        return _played(Disaster(centre), directory)


@pytest.fixture
def told(played: Told, tmp_path: Path) -> Iterator[Told]:
    """Give each test a copy of the centre to which it all happened."""
    shutil.copytree(played.disaster.centre.home, tmp_path / "centre", ignore=shutil.ignore_patterns("*.sock"))
    with Centre(tmp_path / "centre", played.disaster.centre.port, dict(played.disaster.centre.environment)) as centre:
        yield replace(played, disaster=replace(played.disaster, centre=centre))


def _played(disaster: Disaster, tmp_path: Path) -> Told:
    gone, kept, contested = disaster.deposit(1, 2, 3)
    backup = tmp_path / "backup"
    disaster.run("backup", str(backup))
    disaster.copy_bucket()
    (late,) = disaster.deposit(4)
    disaster.destroy(gone)
    disaster.appeal(contested)
    with disaster.parts() as parts:
        kept_checkpoint = parts.anchors.anchor(parts.clock.now())
    assert kept_checkpoint is not None
    checkpoint = tmp_path / "checkpoint"
    checkpoint.write_bytes(kept_checkpoint.signed.encode())
    return Told(disaster, backup, checkpoint, gone, kept, contested, late)


def _check(told: Told, said: Any, tmp_path: Path) -> None:
    """See that what was destroyed is, that nobody is served before the hold is lifted, and that everybody else is afterwards."""
    disaster, survivors = told.disaster, (told.kept, told.contested, told.late)
    appeals = [fact for fact in said["again"] if fact["kind"] == "appeal.recorded"]
    assert [fact["about"] for fact in appeals] == [told.contested.dossier_id]
    with disaster.parts() as parts, attached(parts):
        rows = disaster.rows(parts)
        assert rows.keys() == {told.gone.id, *(one.id for one in survivors)}
        assert rows[told.gone.id].state is RecordingState.DESTROYED
        assert disaster.is_gone(parts, told.gone.attempt_id or "")
        assert listed(parts.objects, disaster.objects_of(parts, told.gone.attempt_id or "")[:1]) == []
        assert disaster.heard(parts, told.gone.id) is Silence.GONE
        assert {disaster.heard(parts, one.id) for one in survivors} == {Silence.RESTORED}
        assert parts.destroyer().sweep().ended == ()
        with parts.database.reading() as session:
            assert log.check(session.connection()) == []
            assert unexplained(session) == []
            assert checkpoints.newest(session.connection()) is not None
    export = tmp_path / "export"
    disaster.run("journal", "export", str(export))
    public = disaster.centre.parts.settings.identity.log_public
    disaster.run("journal", "verify", str(export), "--key", public, "--checkpoint", str(told.checkpoint))


def _check_heard(told: Told) -> None:
    disaster = told.disaster
    disaster.release()
    with disaster.parts() as parts, attached(parts):
        for one in (told.kept, told.contested, told.late):
            assert disaster.heard(parts, one.id) == disaster.deposited[one.id]
        assert disaster.heard(parts, told.gone.id) is Silence.GONE


def test_restored_from_a_backup_with_a_stale_copy_of_the_bucket(told: Told, tmp_path: Path) -> None:
    """What was destroyed after the backup is destroyed again, and what was deposited after it is heard once the hold is lifted."""
    told.disaster.put_bucket_back()
    said = told.disaster.said("restore", str(told.backup))
    assert said["destroyed_again"] == [told.gone.id]
    assert said["rebuilt"] == [told.late.id]
    _check(told, said, tmp_path)
    _check_heard(told)


def test_restored_with_the_vault_lost(told: Told, tmp_path: Path) -> None:
    """The mirror alone gives every key and every tombstone back."""
    told.disaster.put_bucket_back()
    told.disaster.lose("vault")
    said = told.disaster.said("restore", str(told.backup))
    assert said["made"] == ["vault"]
    _check(told, said, tmp_path)
    _check_heard(told)


def test_rebuilt_from_segments_mirror_and_bucket(told: Told, tmp_path: Path) -> None:
    """Without database, backup, vault and identity, the segments, the mirror, the bucket and the offline copy make a centre again."""
    told.disaster.put_bucket_back()
    told.disaster.lose("consigne.db*", "vault", "identity/p*")
    words = tmp_path / "words"
    words.write_text(f"{PASSPHRASE}\n", "utf-8")
    printed = told.disaster.run("recover", "--rebuild", "--recovery-passphrase-file", str(words), "--json")
    said = json.loads(printed.splitlines()[-1])
    assert sorted(said["rebuilt"]) == sorted(one.id for one in (told.gone, told.kept, told.contested, told.late))
    _check(told, said, tmp_path)
    told.disaster.run("user", "add", "coordinator", "Camille Tournesac", STAFF_MAIL)
    _check_heard(told)


def test_what_survives_can_be_recovered_without_a_database(told: Told, tmp_path: Path) -> None:
    """The drill holds and is journaled; then, with database and vault lost, each survivor is written, byte for byte, and nothing else."""
    disaster, words = told.disaster, tmp_path / "words"
    words.write_text(f"{PASSPHRASE}\n", "utf-8")
    drilled = disaster.said("recover", "--drill", "--recovery-passphrase-file", str(words))
    assert (drilled["holds"], drilled["live"]) == (True, 3)
    with disaster.parts() as parts, parts.database.reading() as session:
        assert [one.entry.kind for one in log.entries_about(session.connection(), "system:recovery")] == ["recovery.drilled"]
    disaster.lose("consigne.db*", "vault")
    disaster.said("recover", str(tmp_path / "out"), "--recovery-passphrase-file", str(words))
    survivors = {f"{one.id}.mp3": disaster.deposited[one.id] for one in (told.kept, told.contested, told.late)}
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == survivors
    (tmp_path / "other").write_text("une autre phrase\n", "utf-8")
    disaster.run("recover", str(tmp_path / "none"), "--recovery-passphrase-file", str(tmp_path / "other"), code=1)
    assert not (tmp_path / "none").exists()


def test_an_older_database_does_not_start(told: Told) -> None:
    """A database put back by hand, without restore, is refused by whatever would serve or destroy, and the message says what to do."""
    disaster = told.disaster
    old = Backup.read(told.backup)
    disaster.lose("consigne.db*")
    with disaster.parts() as parts, parts.database.transaction(parts.clock.now(), "system:essai") as tx:
        dump.replace(tx.session.connection(), old.database())
    for command in ("up", "work", "portal"):
        assert "consigne restore" in disaster.run(command, code=1)
    said = disaster.said("restore", "--in-place")
    assert (said["rebuilt"], said["destroyed_again"]) == ([told.late.id], [told.gone.id])
    assert "nothing to rebuild" in disaster.run("recover", "--rebuild", code=1)


def test_the_nightly_checks_by_hand(told: Told) -> None:
    """Nothing is wrong; then a copy that came back is named, sent through the gate, and gone; and a damaged object is found."""
    disaster = told.disaster
    assert disaster.said("reconcile")["clean"]
    assert disaster.said("scrub", "--rate", "0")["objects"] == 6
    disaster.put_bucket_back()
    assert disaster.said("reconcile", code=1)["found"]["returned"] == [told.gone.id]
    assert disaster.said("reconcile")["clean"]
    with disaster.parts() as parts, attached(parts):
        (key, _) = disaster.objects_of(parts, told.kept.attempt_id or "")
        parts.objects.remove_all(key)
        parts.objects.put(key, [bytes(100)], 100)
    assert disaster.said("scrub", "--rate", "0", code=1)["damaged"] == [{"recording": told.kept.id, "object": key, "wrong": "changed"}]


def test_nothing_is_restored_while_the_centre_runs(told: Told) -> None:
    """The database is taken from under nobody's feet."""
    with told.disaster.centre.up():
        assert "running already" in told.disaster.run("restore", str(told.backup), code=1)
        assert "running already" in told.disaster.run("keys", "rotate", "log", code=1)
