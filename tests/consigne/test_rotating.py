"""Rotating keys: what was sealed before opens, what comes after is sealed anew, and the journal's chain of keys holds."""

import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from consigne import rotating, settings
from consigne.errors import RefusedHereError
from consigne.rotating import with_values
from consigne.wiring import Parts
from journal import export, log
from journal.terms import ROTATED
from journal.verify import verify
from registry import migrate
from storage.errors import Tampered
from storage.identity import Identity, PublicIdentity, open_key
from storage.keyfile import KeyFile, SealedObject
from storage.seal import Context, DataKey, Part
from storage.wrapping import PassphraseWrapping
from tests.consigne.centre import run

pytestmark = pytest.mark.scenario

PASSPHRASE = "une phrase de secours pour les essais"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found one centre."""
    home = tmp_path_factory.mktemp("centres") / "centre"
    assert run("init", home).code == 0
    return home


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Path:
    """Give each test a copy of it."""
    shutil.copytree(founded, tmp_path / "centre")
    return tmp_path / "centre"


@pytest.fixture
def opened() -> Iterator[list[Parts]]:
    """Keep the parts that a test opens, and close them."""
    made: list[Parts] = []
    yield made
    for one in made:
        one.close()


def _parts(home: Path, opened: list[Parts]) -> Parts:
    opened.append(Parts(settings.load(home)))
    migrate.upgrade(opened[-1].database)
    return opened[-1]


def _sealed(parts: Parts, number: int) -> tuple[KeyFile, DataKey]:
    """Put a key into the vaults, sealed to the identity that the settings name."""
    names = (f"rec_{number:032x}", f"att_{number:032x}", f"ses_{number:032x}")
    key, context = DataKey.generate(), Context(*names, Part.SOUND)
    public = PublicIdentity.parse(parts.settings.identity.public)
    sound = SealedObject(Part.SOUND, f"obj_{number:032x}", 10, bytes(32))
    key_file = KeyFile(*names, public.identity_id, public.seal(key, context), (sound,))
    parts.vaults.put(key_file)
    return key_file, key


@pytest.mark.slow
def test_a_new_identity_takes_what_comes_and_the_old_one_opens_what_was(home: Path, opened: list[Parts]) -> None:
    """Its probe holds, its recovery copy opens, and the old one can be retired only once nothing is sealed to it."""
    before = _parts(home, opened)
    old_key, old = _sealed(before, 1)
    new_id, copy = rotating.rotate_identity(before, PASSPHRASE)
    after = _parts(home, opened)
    new_key, new = _sealed(after, 2)
    assert after.identity.identity_id == new_id == after.opener.identity_id
    assert Identity.recover(copy.read_bytes(), PassphraseWrapping(PASSPHRASE)).identity_id == new_id
    assert (open_key(old_key, after.openers), open_key(new_key, after.openers)) == (old, new)
    assert [(one.current, one.keys) for one in rotating.holdings(after)] == [(True, 1), (False, 1)]
    with pytest.raises(RefusedHereError, match="still opens 1"):
        rotating.retire(after, old_key.identity_id)
    with pytest.raises(RefusedHereError, match="in use"):
        rotating.retire(after, new_id)


@pytest.mark.slow
def test_an_identity_that_opens_nothing_is_retired(home: Path, opened: list[Parts]) -> None:
    """Its private half is gone; the one in use stays."""
    before = _parts(home, opened)
    old = before.opener.identity_id
    rotating.rotate_identity(before, PASSPHRASE)
    rotating.retire(_parts(home, opened), old)
    assert [one.identity_id for one in _parts(home, opened).openers] == [_parts(home, opened).opener.identity_id]


@pytest.mark.slow
def test_a_new_passphrase_wraps_every_identity(home: Path, opened: list[Parts]) -> None:
    """Keys open as before; neither the old passphrase nor a file that it opens is left."""
    before = _parts(home, opened)
    old_key, old = _sealed(before, 1)
    words = (home / "identity" / "passphrase").read_text("utf-8")
    rotating.rotate_identity(before, PASSPHRASE)
    assert rotating.rotate_passphrase(_parts(home, opened)) == 2
    after = _parts(home, opened)
    assert open_key(old_key, after.openers) == old
    assert len(list((home / "identity").glob("private*.json"))) == 2
    for path in (home / "identity").glob("private*.json"):
        with pytest.raises(Tampered):
            Identity.load(path, PassphraseWrapping(words))
    assert not [path for path in (home / "identity").iterdir() if path.read_text("utf-8") == words]


def test_the_log_key_gives_way_to_another(home: Path, opened: list[Parts]) -> None:
    """The old key signs for the new one in the journal, and an export verifies with either; the probe holds under the new one."""
    before = _parts(home, opened)
    old = before.log_key.public
    before.anchors.anchor(before.clock.now())
    rotating.rotate_log_key(before)
    after = _parts(home, opened)
    after.anchors.anchor(after.clock.now())
    assert after.identity.identity_id == before.opener.identity_id
    with after.database.reading() as session:
        exported = b"".join(export.lines(session.connection()))
    for key in (old, after.log_key.public):
        report = verify(io.BytesIO(exported), key)
        assert (report.holds, report.rotations) == (True, 1)


def test_a_rotation_of_the_log_key_that_was_stopped_is_finished(home: Path, opened: list[Parts]) -> None:
    """The entry is written and the settings are not: the same command settles it, with no second entry."""
    told = (home / "consigne.toml").read_bytes()
    public = rotating.rotate_log_key(_parts(home, opened))
    (home / "consigne.toml").write_bytes(told)
    assert rotating.rotate_log_key(_parts(home, opened)) == public
    after = _parts(home, opened)
    after.anchors.anchor(datetime.now(UTC))
    with after.database.reading() as session:
        assert len(log.of_kinds(session.connection(), (ROTATED,))) == 1


def test_settings_keep_what_a_person_wrote() -> None:
    """Only the named keys change; comments and other sections stay."""
    text = '# a\n[identity]\npublic = "old"  # mine\n# b\n[mail]\npublic = "other"\n'
    changed = with_values(text, "identity", {"public": "new", "probe_file": "p"})
    assert changed == '# a\n[identity]\nprobe_file = "p"\npublic = "new"\n# b\n[mail]\npublic = "other"\n'


def test_rotate_is_refused_while_nothing_names_a_centre(tmp_path: Path) -> None:
    """Without a centre there is nothing to rotate."""
    assert run("keys", "rotate", home=tmp_path).code == 2
