"""Backups: whole or none, and never a key in them."""

import shutil
from pathlib import Path

import pytest

from retention.backing_up import DATABASE, MANIFEST, OBJECTS, Backup, Manifest, without_secrets
from retention.errors import BackupError
from storage.identity import Identity
from storage.keyfile import KeyFile
from storage.wrapping import PassphraseWrapping
from tests.factories import Intakes
from tests.retention.gates import KEY, Gates
from tests.retention.restores import Story
from tests.support.databases import SqliteTemplates
from tests.support.registry import build


@pytest.fixture
def registry_url(sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """Give a fresh database on SQLite: what is read of either database is tested beside the dump."""
    shutil.copyfile(sqlite_templates.file(build), tmp_path / "registry.db")
    return f"sqlite:///{tmp_path / 'registry.db'}"


pytestmark = pytest.mark.postgresql_later


@pytest.fixture
def story(intakes: Intakes, tmp_path: Path) -> Story:
    """Give a centre with anchors."""
    return Story(Gates(intakes), tmp_path)


def test_no_key_is_in_a_backup(story: Story) -> None:
    """Neither sealed keys, nor a private half, nor anything of the vault or the mirror, by name or by content."""
    (one,) = story.stored()
    backup = story.back_up(objects=True)
    held = story.parts.vaults.get(one.attempt_id or "")
    assert isinstance(held, KeyFile)
    secrets = (held.sealed_key, KEY.private.private_bytes_raw(), held.encode())
    for path in backup.directory.rglob("*"):
        assert not {"vault", "mirror", "identity", "signing", "recovery"} & set(path.relative_to(backup.directory).parts)
        if path.is_file():
            data = path.read_bytes()
            assert not any(secret in data or secret.hex().encode() in data for secret in secrets)
    assert Identity.generate().recovery_copy(PassphraseWrapping("x", log_n=12)) not in (backup.directory / DATABASE).read_bytes()


def test_objects_are_copied_where_asked_and_put_back_where_lost(story: Story) -> None:
    """Only those of what is live, and only the very bytes that the key file names."""
    kept, gone = story.stored(2)
    backup = story.back_up(objects=True)
    story.destroyed(gone)
    story.anchors.anchor(story.now)
    before = {key: held[0][1] for key, held in story.parts.objects.held.items()}
    story.parts.objects.held.clear()
    story.restore(backup)
    assert {key: held[0][1] for key, held in story.parts.objects.held.items()} == before
    assert len(before) == 2
    assert story.recordings()[kept.id].state != story.recordings()[gone.id].state


def test_a_backup_without_its_manifest_is_none(story: Story) -> None:
    """It is written last, so one that was stopped is never taken for one."""
    backup = story.back_up()
    (backup.directory / MANIFEST).unlink()
    with pytest.raises(BackupError, match="never came to its end"):
        Backup.read(backup.directory)


def test_every_byte_of_a_backup_counts(story: Story) -> None:
    """A file that is changed, cut or missing is refused, whichever it is."""
    story.stored()
    backup = story.back_up(objects=True)
    for part in backup.manifest.parts:
        path = backup.directory / part.path
        whole = path.read_bytes()
        for damaged in (whole[:-1], bytes([whole[0] ^ 1]) + whole[1:]):
            path.write_bytes(damaged)
            with pytest.raises(BackupError):
                Backup.read(backup.directory)
        path.unlink()
        with pytest.raises(BackupError):
            Backup.read(backup.directory)
        path.write_bytes(whole)
    assert Backup.read(backup.directory) == backup


def test_a_directory_that_is_not_empty_is_refused(story: Story) -> None:
    """Nothing is written over another backup."""
    backup = story.back_up()
    with pytest.raises(BackupError, match="not empty"):
        story.write(backup.directory)


def test_a_manifest_reads_back_as_it_was_written(story: Story) -> None:
    """And nothing else is one."""
    manifest = story.back_up().manifest
    assert Manifest.decode(manifest.encode()) == manifest
    escaped = manifest.encode().replace(DATABASE.encode(), b"../../etc/passwd")
    for data in (b"{}", manifest.encode() + b" ", escaped):
        with pytest.raises(BackupError):
            Manifest.decode(data)
    assert all(part.path.partition("/")[0] != OBJECTS for part in manifest.parts)


@pytest.mark.parametrize(
    ("told", "left"),
    [
        (
            'database_url = "postgresql+psycopg://consigne:s3cr3t@db/consigne"',
            'database_url = "postgresql+psycopg://consigne:***@db/consigne"',
        ),
        ('database_url = "sqlite:///consigne.db"', 'database_url = "sqlite:///consigne.db"'),
        ('portal = "https://depot.example.org"', 'portal = "https://depot.example.org"'),
    ],
)
def test_settings_without_secrets(told: str, left: str) -> None:
    """The password of a database's address is the only secret that a setting can hold."""
    assert without_secrets(told) == left
