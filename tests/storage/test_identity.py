"""The identity: its two halves, its files, its recovery copy and its probe; the log key."""

import copy
import json
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from journal import canonical
from registry.ids import new_id
from storage.errors import AlreadyHeld, NotHeld, StorageRefused, Tampered
from storage.identity import Identity, PublicIdentity, open_key
from storage.keyfile import KeyFile, SealedObject
from storage.probe import Probe, probe, verify_probe
from storage.seal import Context, DataKey, Part
from storage.signing import LogKey, fingerprint, parse_public, public_text, verify
from storage.wrapping import NoWrapping, PassphraseWrapping, Wrapping, new_passphrase

CONTEXT = Context("rec_1", "att_1", "ses_1", Part.SOUND)
NOW = datetime(2026, 5, 25, 21, 59, tzinfo=UTC)


def quick(words: str = "correct horse") -> PassphraseWrapping:
    """A passphrase wrapping that costs little."""
    return PassphraseWrapping(words, log_n=12)


@pytest.fixture(scope="module")
def identity() -> Identity:
    """An identity."""
    return Identity.generate()


def test_the_private_half_opens_what_the_public_half_seals(identity: Identity) -> None:
    """Through the text in the settings, for this context and no other."""
    public = PublicIdentity.parse(identity.public.text())
    key = DataKey.generate()
    sealed = public.seal(key, CONTEXT)
    assert identity.open(sealed, CONTEXT) == key
    assert public.seal(key, CONTEXT) != sealed
    with pytest.raises(Tampered):
        identity.open(sealed, Context("rec_2", "att_1", "ses_1", Part.SOUND))
    with pytest.raises(Tampered):
        Identity.generate().open(sealed, CONTEXT)
    for at in (0, 500, 1100, 1140, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(Tampered):
            identity.open(bytes(changed), CONTEXT)
    for short in (b"", sealed[:100], sealed[:-1]):
        with pytest.raises(Tampered):
            identity.open(short, CONTEXT)


def test_a_wrong_line_in_the_settings_is_refused(identity: Identity) -> None:
    """A public half that is cut, extended, of another kind or not canonical is never sealed to."""
    text = identity.public.text()
    for wrong in ("", text[:-10], text + "A", text.replace("identity-1", "identity-2"), text.partition(":")[2], "é" * 50):
        with pytest.raises(StorageRefused):
            PublicIdentity.parse(wrong)


def test_a_public_half_that_is_no_key_is_refused() -> None:
    """Bytes of the right length that are no ML-KEM key do not seal."""
    with pytest.raises(StorageRefused):
        PublicIdentity(b"\xff" * 1216).seal(DataKey.generate(), CONTEXT)


def test_the_file_opens_with_its_passphrase_only(identity: Identity, tmp_path: Path) -> None:
    """Saved once, mode 0600, opened with the same words however they were composed, and by no others."""
    path = tmp_path / "keys" / "identity.json"
    identity.save(path, quick(" café\n"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert Identity.load(path, quick("cafe\u0301")).public == identity.public
    with pytest.raises(Tampered):
        Identity.load(path, quick("cafe"))
    with pytest.raises(AlreadyHeld):
        identity.save(path, quick())
    with pytest.raises(NotHeld):
        Identity.load(tmp_path / "absent", quick())


def test_a_file_that_others_can_read_is_refused(identity: Identity, tmp_path: Path) -> None:
    """A key open to the group, or behind a link, is not used."""
    path = tmp_path / "identity.json"
    identity.save(path, quick())
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(StorageRefused):
        Identity.load(tmp_path / "link", quick())
    path.chmod(0o640)
    with pytest.raises(StorageRefused, match="chmod 600"):
        Identity.load(path, quick())


@pytest.mark.parametrize("name", ["key_id", "kind", "format", "method"])
def test_a_changed_label_does_not_open(identity: Identity, name: str) -> None:
    """The public words of the file are bound to the secret."""
    document = json.loads(identity.recovery_copy(quick()))
    document[name] = "identity_" + "0" * 32
    with pytest.raises(Tampered):
        Identity.recover(canonical.encode(document), quick())


@pytest.mark.parametrize("log_n", [1, 11, 21, 60])
def test_a_cost_that_takes_all_memory_is_refused(identity: Identity, log_n: int) -> None:
    """A hostile file can neither exhaust the machine nor weaken the passphrase."""
    document = json.loads(identity.recovery_copy(quick()))
    document["wrapping"]["log_n"] = log_n
    with pytest.raises(Tampered, match="cost"):
        Identity.recover(canonical.encode(document), quick())


def test_the_recovery_copy_recovers(identity: Identity) -> None:
    """The offline copy opens with its own passphrase, and does not pass for the working file."""
    words = new_passphrase()
    copied = identity.recovery_copy(quick(words))
    assert Identity.recover(copied, quick(words)).public == identity.public
    assert identity.recovery_copy(quick(words)) != copied
    with pytest.raises(Tampered):
        Identity.recover(copied, quick("other"))


def test_passphrases_made_are_long_and_different() -> None:
    """150 bits in groups, no letter or digit that is taken for another."""
    words = {new_passphrase() for _ in range(50)}
    assert len(words) == 50
    assert all(len(word) == 35 and not set(word) & set("ILOU01") for word in words)


def test_an_empty_passphrase_is_refused() -> None:
    """An empty passphrase file protects nothing."""
    with pytest.raises(StorageRefused):
        PassphraseWrapping(" \n")


def test_only_the_log_key_may_lie_unwrapped(identity: Identity, tmp_path: Path) -> None:
    """The identity is never written in clear."""
    with pytest.raises(StorageRefused):
        identity.save(tmp_path / "identity.json", NoWrapping())
    assert not (tmp_path / "identity.json").exists()


def test_a_key_file_is_opened_by_the_identity_that_it_names(identity: Identity) -> None:
    """After a rotation the old identity still opens its own; without it, the answer names what is missing."""
    new, key = Identity.generate(), DataKey.generate()
    attempt_id = new_id("att")
    context = Context("rec_1", attempt_id, "ses_1", Part.SOUND)
    sealed = SealedObject(Part.SOUND, "obj_1", 10, bytes(32))
    key_file = KeyFile("rec_1", attempt_id, "ses_1", identity.identity_id, identity.public.seal(key, context), (sealed,))
    assert open_key(KeyFile.decode(key_file.encode()), [new, identity]) == key
    with pytest.raises(NotHeld, match=identity.identity_id):
        open_key(key_file, [new])


def test_a_probe_proves_the_two_halves() -> None:
    """Signed by the log key, kept, read back, and checked against the settings; each change is refused."""
    identity, log = Identity.generate(), LogKey.generate()
    kept = probe(identity.public, identity, log.private, NOW)
    assert verify_probe(kept.encode(), identity.public, log.public) == kept == Probe.decode(kept.encode())
    with pytest.raises(Tampered):
        verify_probe(kept.encode(), Identity.generate().public, log.public)
    with pytest.raises(Tampered):
        verify_probe(kept.encode(), identity.public, LogKey.generate().public)
    document = json.loads(kept.encode())
    for name, value in (("opened_at", "2026-05-26T00:00:00.000000Z"), ("sealed_sha256", "00" * 32), ("signature", "AAAA"), ("format", "x")):
        with pytest.raises(Tampered):
            verify_probe(canonical.encode(document | {name: value}), identity.public, log.public)


def test_a_probe_of_halves_that_do_not_match_is_not_made() -> None:
    """With a public half of another identity in the settings, there is no probe, so intake does not start."""
    with pytest.raises(Tampered):
        probe(Identity.generate().public, Identity.generate(), LogKey.generate().private, NOW)


@pytest.mark.parametrize("how", [NoWrapping(), quick()], ids=["plain", "passphrase"])
def test_the_log_key_is_kept(tmp_path: Path, how: Wrapping) -> None:
    """Saved, loaded, and the signature of one is verified by the public text of the other."""
    key = LogKey.generate()
    key.save(tmp_path / "log.json", how)
    loaded = LogKey.load(tmp_path / "log.json", how)
    public = parse_public(public_text(key.public))
    verify(public, loaded.private.sign(b"message"), b"message", "a message")
    assert fingerprint(public) == loaded.key_id
    with pytest.raises(Tampered):
        verify(public, loaded.private.sign(b"message"), b"other", "a message")


def test_a_log_key_text_is_exact() -> None:
    """A public log key that is cut or of another kind is refused."""
    text = public_text(LogKey.generate().public)
    for wrong in ("", text[:-4], text.replace("log-1", "log-2"), text.partition(":")[2]):
        with pytest.raises(StorageRefused):
            parse_public(wrong)


def test_private_halves_do_not_show_themselves(identity: Identity) -> None:
    """No repr, pickle or copy gives a private half or a passphrase away."""
    log = LogKey.generate()
    secret = log.private.private_bytes_raw()
    assert identity._secret.hex()[:16] not in repr(identity)
    assert secret.hex()[:16] not in repr(log)
    assert "horse" not in repr(quick())
    for held in (identity, log):
        for act in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                act(held)
