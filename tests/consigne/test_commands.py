"""The command line of a centre that does not run: founding, sessions, candidates, staff; exit codes and sentences."""

import shutil
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from consigne.demo_candidates import workbook
from tests.consigne.centre import run

pytestmark = pytest.mark.scenario

_EXAM = date.today() + timedelta(days=40)  # noqa: DTZ011 - a civil date, forty days away, is all that is wanted


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre as ``init`` makes it without a terminal."""
    home = tmp_path_factory.mktemp("centres") / "centre à nous"
    ran = run("init", home, "--contact-mail", "coordination@centre.example")
    assert ran.code == 0, ran.err
    return home


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copytree(founded, tmp_path / "centre", ignore=shutil.ignore_patterns("store")))  # sockets cannot be copied


def test_init_keeps_its_secrets_to_its_owner(founded: Path) -> None:
    """Nothing that opens or names anything can be read by others; a recovery copy waits to be taken away."""
    open_to_others = [path.name for path in founded.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert open_to_others == []
    assert founded.stat().st_mode & 0o077 == 0
    assert (founded / "recovery" / "identity-recovery.json").is_file()


def test_init_writes_over_nothing(home: Path, tmp_path: Path) -> None:
    """A directory that holds a centre, or anything, is refused and left as it is."""
    before = (home / "consigne.toml").read_bytes()
    again = run("init", home)
    assert (again.code, "holds a centre already" in again.err) == (1, True)
    assert (home / "consigne.toml").read_bytes() == before
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine")
    assert run("init", tmp_path / "other").code == 1


def test_without_a_centre_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    """No centre named, or none there: exit code 2 and the next step."""
    for ran in (run("status"), run("status", home=tmp_path)):
        assert ran.code == 2
        assert "consigne" in ran.err
    assert "init" in run("status", home=tmp_path).err


def test_settings_that_are_not_understood_are_named(home: Path) -> None:
    """A key that does not exist is refused by name, not ignored."""
    settings = home / "consigne.toml"
    settings.write_text(settings.read_text("utf-8").replace("settle_seconds", "settle_secondes"), "utf-8")
    ran = run("status", home=home)
    assert (ran.code, "settle_secondes" in ran.err) == (2, True)


def test_a_session_from_the_workbook(home: Path, tmp_path: Path) -> None:
    """The list of candidates opens folders; imported again, it changes nothing; the journal stays as long as it was."""
    assert run("session", "create", "2026-06", "--exam", _EXAM.strftime("%d/%m/%Y"), home=home).code == 0
    (tmp_path / "liste.xlsx").write_bytes(workbook(_EXAM))
    first = run("session", "import", "2026-06", tmp_path / "liste.xlsx", home=home)
    assert (first.code, first.out) == (0, "12 created, 0 changed, 0 unchanged\n"), first.err
    folders = sorted(path.name for path in (home / "depots" / "2026-06").iterdir())
    assert (len(folders), folders[0]) == (12, "CE-001")
    held = sorted(path.name for path in (home / "depots" / "2026-06" / "CE-001").iterdir())
    assert held == ["2 - Mode d’emploi.html", "3 - Attestation d’accord du client (à remplir).pdf"]
    assert len(list((home / "outbox").glob("*.eml"))) == 12
    entries = _entries(home)
    again = run("session", "import", "2026-06", tmp_path / "liste.xlsx", home=home)
    assert (again.code, again.out) == (0, "0 created, 0 changed, 12 unchanged\n")
    assert _entries(home) == entries
    assert len(list((home / "outbox").glob("*.eml"))) == 12


def _entries(home: Path) -> int:
    with sqlite3.connect(home / "consigne.db") as connection:
        return int(connection.execute("SELECT count(*) FROM journal_entry").fetchone()[0])


def test_a_bad_line_is_told_by_its_number_and_the_others_are_taken(home: Path, tmp_path: Path) -> None:
    """A CSV as Excel in France saves it, with a bad address in line 3: line 2 is imported, line 3 named."""
    run("session", "create", "s1", "--exam", _EXAM.isoformat(), home=home)
    day = _EXAM.strftime("%d/%m/%Y")
    lines = (
        "Référence;Civilité;Nom;Prénom;Courriel;Employeur;Département;Date de passage;Heure de passage",
        f"A-1;Mme;Élysée;Zoé;zoe@exemple.example;GPS;67;{day};9h30",
        f"A-2;M.;Ça;Noël;pas une adresse;GPS;75;{day};9h45",
    )
    (tmp_path / "liste.csv").write_bytes("\r\n".join(lines).encode("cp1252"))
    ran = run("session", "import", "s1", tmp_path / "liste.csv", home=home)
    assert (ran.code, ran.out) == (1, "1 created, 0 changed, 0 unchanged; 1 lines refused\n")
    assert "Ligne 3" in ran.err
    assert [path.name for path in (home / "depots" / "s1").iterdir()] == ["A-1"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("session", "create", "été", "--exam", "2026-06-15"), 1),
        (("session", "create", "s", "--exam", "2026-06-15"), 1),
        (("session", "create", "s2", "--exam", "hier"), 2),
        (("session", "create", "s2", "--exam", "2026-06-15", "--scheme", "cqp-xx"), 1),
        (("session", "create", "s2"), 2),
        (("session", "import", "absente", "/nulle/part.xlsx"), 3),
        (("session", "report", "absente"), 1),
        (("session", "list", "--by"), 2),
        (("review", "rec_0", "accept", "--reason", "bien"), 1),
        (("review", "s1/A-1", "peut-être", "--reason", "bien"), 2),
        (("mail", "resend", "mail_0"), 1),
        (("mail", "settle", "mail_0"), 1),
        (("deposit", "/nulle/part.mp3", "--dossier", "s1/A-1", "--reason", "par mail"), 1),
        (("consent", "import", "/nulle/part.csv", "--session", "s1"), 3),
        (("nothing",), 2),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(founded: Path, arguments: tuple[str, ...], code: int) -> None:
    """Exit codes are those of the contract; something is said; a traceback never is."""
    ran = run(*arguments, home=founded)
    assert ran.code == code, ran.err
    assert ran.err.strip()


@pytest.mark.parametrize("group", ["session", "consent"])
def test_the_template_is_written_once(founded: Path, tmp_path: Path, group: str) -> None:
    """The workbook to fill in is never written over another file."""
    assert run(group, "template", tmp_path / "liste.xlsx", home=founded).code == 0
    again = run(group, "template", tmp_path / "liste.xlsx", home=founded)
    assert (again.code, "nothing was written over it" in again.err) == (1, True)


def test_attestations_with_wrong_columns_are_refused_as_a_file(home: Path, tmp_path: Path) -> None:
    """Each column is named once, with its line; the summary counts the file, as the exit code does."""
    run("session", "create", "s1", "--exam", _EXAM.isoformat(), home=home)
    (tmp_path / "liste.csv").write_text("Nom;Date de l’appel;Couleur\nx;12/03/2026;bleu\n", "utf-8")
    ran = run("consent", "import", tmp_path / "liste.csv", "--session", "s1", home=home)
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "0 kept, 0 known already, 1 refused")
    assert "refused: nothing was read from it" in ran.out
    assert "La colonne « Façon » manque." in ran.err.replace("\u202f", " ").replace("\xa0", " ")
    assert all(line.count("Ligne") == 1 for line in ran.err.splitlines()), ran.err


def test_attestations_of_nobody_are_refused_line_by_line(home: Path, tmp_path: Path) -> None:
    """The template as a CSV, filled: a reference that no candidate has is told by its line, and counted."""
    run("session", "create", "s1", "--exam", _EXAM.isoformat(), home=home)
    file = tmp_path / "liste.csv"
    assert run("consent", "template", file, home=home).code == 0
    with file.open("a", encoding="utf-8") as out:
        out.write("X-9;12/03/2026;;12/03/2026;oral avant;oui;oui;oui;2024-10;;\n")
    ran = run("consent", "import", file, "--session", "s1", home=home)
    assert (ran.code, ran.out) == (1, "0 kept, 0 known already, 1 refused\n")
    assert ran.err.startswith("Ligne 2, X-9\u202f: Aucun candidat") or ran.err.startswith("Ligne 2, X-9\xa0: Aucun candidat")


def test_status_of_a_centre_that_does_not_run(founded: Path) -> None:
    """Every key of the document, and the one trouble that there is: a monitor must see it."""
    ran = run("status", "--json", home=founded)
    assert ran.code == 3
    assert [one["part"] for one in ran.json()[0]["troubles"]] == ["up"]
    keys = ["sessions", "recordings", "deposits_waiting", "answers_to_write", "mails", "journal_entries", "reviews", "troubles"]
    assert list(ran.json()[0]) == keys


def test_a_folder_that_is_no_place_for_a_centre(tmp_path: Path) -> None:
    """A file in the way is the outside's fault, or refused; never a traceback."""
    (tmp_path / "file").write_text("x")
    assert run("init", tmp_path / "file" / "centre").code in {1, 3}


def test_an_init_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """What is wrong is said; the directory is as it was, so that the next try works, after six that failed."""
    for wrong in (
        ("--contact-mail", "nulle part"),
        ("--sender", "deux@x.example, autre@x.example"),
        ("--portal-url", "anne@example.org"),
        ("--portal-port", "70000"),
        ("--mirror", "/dev/null/mirror"),
        ("--recovery-passphrase-file", "/nulle/part"),
    ):
        ran = run("init", tmp_path / "centre", *wrong)
        assert ran.code in {1, 2, 3}, wrong
        assert "unforeseen" not in ran.err, wrong
        assert not (tmp_path / "centre").exists(), wrong
    assert run("init", tmp_path / "centre").code == 0


def test_an_address_that_is_none_is_not_enrolled(founded: Path) -> None:
    """Mail to it would fail later, and with it the answers that name it."""
    ran = run("user", "add", "coordinator", "Zoé", "pas une adresse", home=founded)
    assert (ran.code, "name@example.org" in ran.err) == (1, True)


def test_nobody_is_invited_where_no_recording_is_expected(home: Path, tmp_path: Path) -> None:
    """Unit 2, and a scheme that listens live: the candidates are known, no folder invites, no mail leaves; unit 9 does not exist."""
    (tmp_path / "liste.xlsx").write_bytes(workbook(_EXAM))
    assert run("session", "create", "s9", "--exam", _EXAM.isoformat(), "--unit", "9", home=home).code == 1
    for code, options in (("s2", ("--unit", "2")), ("gc", ("--scheme", "ucanss-gc"))):
        assert run("session", "create", code, "--exam", _EXAM.isoformat(), *options, home=home).code == 0
        assert run("session", "import", code, tmp_path / "liste.xlsx", home=home).code == 0
        assert list((home / "depots" / code).iterdir()) == []
    assert list((home / "outbox").glob("*.eml")) == []
