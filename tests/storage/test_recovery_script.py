"""The script printed in ``docs/formats/vault.md``: taken out of the page, and run, with ``cryptography`` alone."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storage.identity import Identity
from storage.keyfile import KeyFile, SealedObject
from storage.seal import Context, DataKey, Part, seal
from storage.wrapping import PassphraseWrapping, new_passphrase
from tests.storage.test_seal import by_hand

FORMATS = Path(__file__).parents[2] / "docs" / "formats"
PLAIN = bytes(range(256)) * 300


@pytest.fixture
def disaster(tmp_path: Path) -> tuple[Path, str]:
    """What is left after one: a recovery copy and its passphrase, a key file, an object, and the page."""
    identity, key, words = Identity.generate(), DataKey.generate(), new_passphrase()
    context = Context("rec_1", "att_1", "ses_1", Part.SOUND)
    sealed = b"".join(seal(key, context, [PLAIN]))
    held = SealedObject(Part.SOUND, "obj_1", len(PLAIN), hashlib.sha256(sealed).digest())
    key_file = KeyFile("rec_1", "att_1", "ses_1", identity.identity_id, identity.public.seal(key, context), (held,))
    (tmp_path / "recovery.json").write_bytes(identity.recovery_copy(PassphraseWrapping(words, log_n=12)))
    (tmp_path / "att_1.json").write_bytes(key_file.encode())
    (tmp_path / "obj_1").write_bytes(sealed)
    page = (FORMATS / "vault.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert script.count("\n") <= 20
    (tmp_path / "recover.py").write_text(script, encoding="utf-8")
    return tmp_path, words


def run(directory: Path, words: str) -> subprocess.CompletedProcess[str]:
    """Run the script in the directory, where nothing of Consigne can be imported."""
    command = [sys.executable, "-I", "recover.py", "recovery.json", "att_1.json", "obj_1", "recovered.mp3"]
    return subprocess.run(command, input=words + "\n", capture_output=True, text=True, check=False, cwd=directory, timeout=60)


def test_the_printed_script_recovers(disaster: tuple[Path, str]) -> None:
    """Twenty lines give the recording back, byte for byte."""
    directory, words = disaster
    done = run(directory, words)
    assert done.returncode == 0, done.stderr
    assert (directory / "recovered.mp3").read_bytes() == PLAIN


def test_the_printed_script_gives_all_or_nothing(disaster: tuple[Path, str]) -> None:
    """A wrong passphrase or a cut object leaves no file."""
    directory, words = disaster
    assert run(directory, "wrong").returncode != 0
    (directory / "obj_1").write_bytes((directory / "obj_1").read_bytes()[:-1])
    assert run(directory, words).returncode != 0
    assert not list(directory.glob("recovered*"))


def test_the_known_answer_of_the_page_holds() -> None:
    """The page's known answer is what the specification's text gives."""
    plain = (bytes(range(256)) * 79)[:20_000]
    sealed = by_hand(DataKey(bytes(range(32))), Context("rec_1", "att_1", "ses_1", Part.SOUND), bytes(range(24)), plain)
    assert len(sealed) == 20_088
    assert f"`{hashlib.sha256(sealed).hexdigest()}`" in (FORMATS / "sealing.md").read_text(encoding="utf-8")
