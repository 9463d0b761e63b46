"""The journal and its certificates on the command line: exit codes, what is said, and that no centre is needed to verify."""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import create_engine, delete

from journal import log, tree
from journal.checkpoints import CHECKPOINTS
from storage.signing import LogKey, parse_public, public_text
from tests.consigne.centre import run
from tests.retention.certifying import FACTS, KEY, certified

pytestmark = pytest.mark.scenario


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre with a few entries in its journal."""
    home = tmp_path_factory.mktemp("centres") / "centre"
    assert run("init", home, "--contact-mail", "coordination@centre.example").code == 0
    assert run("user", "add", "compliance_officer", "Dominique Essai", "dpo@centre.example", home=home).code == 0
    return home


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copytree(founded, tmp_path / "centre", ignore=shutil.ignore_patterns("store")))  # sockets cannot be copied


def public_line(home: Path) -> str:
    """Return the log key's line, as the settings hold it."""
    found = re.search(r'log_public = "(.*)"', (home / "consigne.toml").read_text("utf-8"))
    assert found is not None
    return found[1]


def test_export_and_verify(home: Path, tmp_path: Path) -> None:
    """What is exported holds, with the key as a line, in a file, or as PEM; and against a checkpoint copied out of a mail."""
    file = tmp_path / "journal.jsonl"
    ran = run("journal", "export", file, home=home)
    assert (ran.code, "2 entries, signed" in ran.out) == (0, True), ran.err
    assert run("journal", "export", file, home=home).code == 1
    line = public_line(home)
    (tmp_path / "key.txt").write_text(f"Clé publique du centre\r\n{line}\r\n")
    pem = parse_public(line).public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    note = re.search(r'\{"checkpoint":"(.*)"\}', file.read_text("utf-8"))
    assert note is not None
    lines = note[1].encode().decode("unicode_escape").encode("latin-1").decode("utf-8").splitlines()
    (tmp_path / "mail.txt").write_text("Bonjour,\r\n\r\n" + "\r\n".join(one for one in lines if one) + "\r\n\r\nÀ demain", "utf-8")
    for key in (line, tmp_path / "key.txt", tmp_path / "key.pem"):
        ran = run("journal", "verify", file, "--key", key, "--checkpoint", tmp_path / "mail.txt")
        assert (ran.code, ran.out.splitlines()[-1]) == (0, "holds"), ran.out + ran.err


def test_verify_says_what_is_wrong_and_where(home: Path, tmp_path: Path) -> None:
    """Exit 1, the index and the kind; as JSON too; 2 for a key or a checkpoint that is none, 3 for a file that is not there."""
    file = tmp_path / "journal.jsonl"
    run("journal", "export", file, home=home)
    data = file.read_bytes().replace(b'"actor":"system:cli"', b'"actor":"system:clo"', 1)
    file.write_bytes(data)
    key = public_line(home)
    ran = run("journal", "verify", file, "--key", key)
    assert ran.code == 1
    assert re.search(r"^ +1  edited: ", ran.out, re.MULTILINE)
    told = run("journal", "verify", file, "--key", key, "--json").json()[0]
    assert (told["holds"], told["faults"][0]["index"], told["faults"][0]["kind"]) == (False, 1, "edited")
    other = run("journal", "verify", file, "--key", public_text(LogKey(bytes(32)).public))
    assert (other.code, "wrong_key" in other.out) == (1, True)
    assert run("journal", "verify", file, "--key", "consigne-log-1:x").code == 2
    assert run("journal", "verify", file, "--key", file).code == 2
    assert run("journal", "verify", file, "--key", key, "--checkpoint", file).code == 2
    assert run("journal", "verify", tmp_path / "none", "--key", key).code == 3


def test_reopen(home: Path, tmp_path: Path) -> None:
    """Refused while nothing is lost; after a loss it says how much, and so does every verification."""
    run("journal", "export", tmp_path / "before.jsonl", home=home)
    ran = run("journal", "reopen", home=home)
    assert (ran.code, "equal" in ran.err) == (1, True), ran.err
    engine = create_engine(f"sqlite:///{home / 'consigne.db'}")
    with engine.begin() as connection:
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index >= 1))
        connection.execute(delete(log.NODES).where(log.NODES.c.position >= tree.node_count(1)))
        connection.execute(delete(CHECKPOINTS))
    engine.dispose()
    assert run("journal", "reopen", "--by", "nobody@centre.example", home=home).code == 1
    ran = run("journal", "reopen", "--by", "dpo@centre.example", home=home)
    assert (ran.code, "1 that were signed are lost" in ran.out) == (0, True), ran.err
    assert run("journal", "export", tmp_path / "after.jsonl", home=home).code == 0
    ran = run("journal", "verify", tmp_path / "after.jsonl", "--key", public_line(home))
    assert (ran.code, "reopened: entries 1 to 1" in ran.out) == (0, True), ran.out


def test_verify_a_certificate(tmp_path: Path) -> None:
    """Offline, without a centre: exit 0 only for one that holds."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_bytes(certified())
    bad.write_bytes(certified().replace(b"cqp-ce", b"cqp-cf"))
    key = public_text(KEY.public)
    ran = run("certificate", "verify", good, "--key", key)
    assert (ran.code, FACTS.recording.id in ran.out) == (0, True), ran.err
    assert run("certificate", "verify", good, "--key", key, "--json").json()[0]["holds"] is True
    ran = run("certificate", "verify", bad, "--key", key)
    assert (ran.code, "DOES NOT HOLD: facts" in ran.out) == (1, True)
    assert run("certificate", "verify", bad, "--key", key, "--json").json()[0]["faults"][0]["kind"] == "facts"
    assert run("certificate", "verify", tmp_path / "none", "--key", key).code == 3


def test_a_certificate_that_is_not_there(home: Path, tmp_path: Path) -> None:
    """An id that nothing was destroyed under is refused by name."""
    ran = run("certificate", "export", "rec_unknown", tmp_path / "c.json", home=home)
    assert (ran.code, "rec_unknown" in ran.err) == (1, True)
    assert not (tmp_path / "c.json").exists()


def test_plain_openssl_verifies_a_certificate(tmp_path: Path) -> None:
    """The signature under the checkpoint of a certificate, with nothing of ours but the text."""
    text, _, line = json.loads(certified())["checkpoint"].rpartition("\n\n")
    (tmp_path / "text").write_text(text + "\n", "utf-8")
    (tmp_path / "signature").write_bytes(base64.b64decode(line.split(" ")[2])[4:])
    pem = KEY.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "text", "-sigfile", "signature"]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
