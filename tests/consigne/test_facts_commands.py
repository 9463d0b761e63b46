"""The commands that record facts after the hearing, on a centre that does not run: exit codes, sentences, and what they did."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from openpyxl import load_workbook

from registry import recordings, sessions
from registry.clock import PARIS, civil_date
from registry.database import Database
from registry.states import RecordingState, Unlistenable, Who
from registry.tables import Recording
from tests.consigne.centre import Ran, run
from tests.factories import NOW, accepted, fresh, opened

pytestmark = pytest.mark.scenario

S = RecordingState
TODAY = civil_date(datetime.now(UTC))
HEARING = TODAY - timedelta(days=30)
DECIDED, SENT, RECEIVED = (HEARING + timedelta(days=days) for days in (5, 7, 10))
FIRST, SECOND = ("--by", "premier@example.org"), ("--by", "second@example.org")
WHY = ("--reason", "on nous l’a écrit")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre with two members of the staff and a session of three dossiers, heard a month ago; the first has a recording."""
    home = tmp_path_factory.mktemp("centres") / "centre"
    assert run("init", home, "--contact-mail", "coordination@centre.example").code == 0
    for role, name in (("coordinator", "premier"), ("compliance_officer", "second")):
        assert run("user", "add", role, name, f"{name}@example.org", home=home).code == 0
    database = Database(f"sqlite:///{home / 'consigne.db'}")
    at = datetime.combine(HEARING, time(9, 30), PARIS)
    file, *_ = opened(database, "C-1", "C-2", "C-3", code="s1", exam_on=HEARING, hearing_at=at)
    accepted(database, file)
    database.close()
    return home


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copytree(founded, tmp_path / "centre", ignore=shutil.ignore_patterns("store")))


@pytest.fixture
def two(home: Path) -> Path:
    """One that asks for two people."""
    settings = home / "consigne.toml"
    told = settings.read_text("utf-8")
    assert "[retention]" in told
    settings.write_text(told.replace("[retention]", '[retention]\nconfirmation = "two"'), "utf-8")
    return home


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """Open its database."""
    made = Database(f"sqlite:///{home / 'consigne.db'}")
    yield made
    made.close()


def _done(home: Path, *arguments: str | Path) -> Ran:
    ran = run(*arguments, home=home)
    assert ran.code == 0, ran.err
    return ran


def _recording(database: Database) -> Recording:
    with database.reading() as session:
        file = sessions.dossier_by(session, "s1/C-1")
        assert file is not None
        return recordings.of_dossier(session, file.dossier.id)[-1]


def _entries(home: Path) -> int:
    with sqlite3.connect(home / "consigne.db") as connection:
        return int(connection.execute("SELECT count(*) FROM journal_entry").fetchone()[0])


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def test_one_dossier(home: Path, database: Database) -> None:
    """Decision and notification, said, said again, corrected, withdrawn; days in the future or before the hearing are refused."""
    assert "recorded" in _done(home, "decide", "s1/C-1", "--on", _day(DECIDED)).out
    assert "unchanged" in _done(home, "decide", "s1/C-1", "--on", _day(DECIDED)).out
    assert _recording(database).state is S.DECIDED
    told = _done(home, "notify", "s1/C-1", "--channel", "registered_letter", "--sent", _day(SENT)).out
    assert "no delay runs" in told
    assert "completed" in _done(home, "notify", "s1/C-1", "--handed-over", _day(RECEIVED), "--proof", "handed_over").out
    for day, said in ((HEARING - timedelta(days=1), "before the hearing"), (TODAY + timedelta(days=2), "in the future")):
        ran = run("decide", "s1/C-1", "--on", day.isoformat(), *WHY, home=home)
        assert (ran.code, said in ran.err) == (1, True)
    assert "withdrawn" in _done(home, "notify", "s1/C-1", "--withdraw", *WHY).out
    assert "withdrawn" in _done(home, "decide", "s1/C-1", "--withdraw", *WHY).out
    assert _recording(database).state is S.ACCEPTED


def test_a_session_from_a_list(home: Path, tmp_path: Path) -> None:
    """The template has every reference; good lines are taken, bad ones named; the same list again changes nothing."""
    _done(home, "decide", "--session", "s1", "--template", tmp_path / "liste.xlsx")
    book = load_workbook(tmp_path / "liste.xlsx")
    sheet = book["Décisions"]
    assert [sheet[f"A{row}"].value for row in (2, 3, 4)] == ["C-1", "C-2", "C-3"]
    told: dict[int, tuple[date | str, ...]] = {
        2: (DECIDED, "recommandé", SENT, RECEIVED, "avis de remise"),
        3: (DECIDED, "recommandé", SENT),
    }
    for row, cells in told.items():
        for place, value in enumerate(cells, start=2):
            sheet.cell(row, place, value)
    sheet["A5"], sheet["B5"] = "C-9", DECIDED
    book.save(tmp_path / "liste.xlsx")
    first = run("decide", "--session", "s1", "--from", tmp_path / "liste.xlsx", home=home)
    assert (first.code, first.out) == (1, "2 recorded, 0 completed, 0 corrected, 0 unchanged; 1 refused\n")
    assert "Ligne 5" in first.err
    assert "Ligne 4" in first.err  # passed over, since it says nothing yet
    entries = _entries(home)
    again = run("decide", "--session", "s1", "--from", tmp_path / "liste.xlsx", home=home)
    assert again.out == "0 recorded, 0 completed, 0 corrected, 2 unchanged; 1 refused\n"
    assert _entries(home) == entries
    lines = (f"Référence;Date de décision;Envoyé le;Non réclamé\r\nC-1;{_day(DECIDED + timedelta(days=1))};;", f"C-2;;{_day(SENT)};oui", "")
    (tmp_path / "suite.csv").write_text("\r\n".join(lines), "utf-8")
    ran = run("decide", "--session", "s1", "--from", tmp_path / "suite.csv", home=home)
    assert (ran.code, ran.out) == (1, "0 recorded, 1 completed, 0 corrected, 0 unchanged; 1 refused\n")
    assert "--reason" in ran.err
    assert "1 corrected" in _done(home, "decide", "--session", "s1", "--from", tmp_path / "suite.csv", *WHY).out


def test_a_line_is_taken_whole_or_not_at_all(home: Path, database: Database, tmp_path: Path) -> None:
    """A decision with an impossible notification is not recorded."""
    text = f"Référence;Date de décision;Mode d’envoi;Envoyé le\r\nC-1;{_day(DECIDED)};recommandé;{_day(DECIDED - timedelta(days=1))}\r\n"
    (tmp_path / "liste.csv").write_text(text, "utf-8")
    ran = run("decide", "--session", "s1", "--from", tmp_path / "liste.csv", home=home)
    assert (ran.code, "before the decision" in ran.err) == (1, True)
    assert _recording(database).state is S.ACCEPTED


def test_two_people(two: Path, database: Database) -> None:
    """What one records, another confirms, by name; what waits is listed for people and as JSON."""
    assert run("decide", "s1/C-1", "--on", _day(DECIDED), home=two).code == 1
    told = _done(two, "decide", "s1/C-1", "--on", _day(DECIDED), *FIRST).out
    assert "consigne confirm dec_" in told
    _done(two, "notify", "s1/C-1", "--channel", "by_hand", "--handed-over", _day(SENT), "--proof", "acknowledged", *FIRST)
    assert _recording(database).state is S.ACCEPTED
    waits = _done(two, "confirm", "--json", "--session", "s1").json()
    assert [(one["what"], one["says"].get("sent_on")) for one in waits] == [("decision", None), ("notification", SENT.isoformat())]
    assert "C-1" in _done(two, "confirm").out
    ran = run("confirm", "--all", *FIRST, home=two)
    assert (ran.code, ran.err.count("nobody confirms")) == (1, 2)
    assert _done(two, "confirm", "--all", *SECOND).out.count("confirmed") == 2
    assert _recording(database).state is S.DECIDED
    assert _done(two, "confirm").out == ""
    _done(two, "decide", "s1/C-1", "--on", _day(DECIDED - timedelta(days=1)), *WHY, *FIRST)
    (waits,) = _done(two, "confirm", "--json").json()
    assert waits["until_then"] == {"decided_on": DECIDED.isoformat()}
    assert "refused" in _done(two, "confirm", waits["id"], "--refuse", *WHY, *SECOND).out
    assert "proposed" in _done(two, "close", "s1/C-2", "--cause", "absent", *WHY, *FIRST).out


def test_an_appeal(home: Path) -> None:
    """Recorded, told by mail, corrected, ruled on; its hold comes and goes with it."""
    _done(home, "decide", "s1/C-1", "--on", _day(DECIDED))
    received, posted = (("--received", _day(RECEIVED)), ("--postmark", _day(SENT)))
    assert "no delay to compare" in _done(home, "appeal", "s1/C-1", *received, *posted).out
    assert run("appeal", "s1/C-1", *received, *posted, home=home).code == 1
    assert (
        len([path for path in (home / "outbox").glob("*.eml") if b"destruction suspendue" in _subject(path)]) == 3
    )  # init enrols one, too
    (hold,) = _done(home, "hold", "--json").json()
    assert (hold["reason"], hold["scope"]) == ("appeal", "dossier")
    _done(home, "appeal", "s1/C-1", "--postmark", _day(SENT + timedelta(days=1)), "--correct", *WHY)
    assert run("appeal", "s1/C-1", "--outcome", "rejected", "--on", _day(TODAY), *WHY, home=home).code == 1
    assert run("release", hold["hold_id"], *WHY, *FIRST, home=home).code == 1
    assert "released" in _done(home, "appeal", "s1/C-1", "--outcome", "rejected", "--on", _day(TODAY), *WHY, *FIRST).out
    assert _done(home, "hold").out == ""


def _subject(path: Path) -> bytes:
    return str(message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]).encode()


def test_too_late_for_an_appeal_or_a_hold(home: Path, database: Database) -> None:
    """Their author is told at once, and the exit code says that nothing was stopped."""
    with database.transaction(NOW, "system:gate") as tx:
        recordings.move(tx, tx.lock(Recording, _recording(database).id), S.DESTROYING, Who.GATE)
    for what in (
        ("appeal", "s1/C-1", "--received", _day(RECEIVED)),
        ("hold", "s1/C-1", "--why", "other", "--review", _day(_ahead()), *WHY),
    ):
        ran = run(*what, *FIRST, home=home)
        assert (ran.code, "stops nothing" in ran.err) == (1, True)
    assert _done(home, "hold").out == ""


def _ahead() -> date:
    return TODAY + timedelta(days=40)


def test_a_word_about_the_commission(home: Path) -> None:
    """By name, about a day that has ended."""
    told = ("recourse", "s1", "--as-of", _day(TODAY - timedelta(days=2)), *WHY)
    assert run(*told, home=home).code == 1
    assert "no appeal received" in _done(home, *told, *FIRST).out


@pytest.mark.parametrize("target", ["s1/C-1", "s1", "all", "recording"])
def test_a_hold(home: Path, database: Database, target: str) -> None:
    """Of every scope; listed; released by name."""
    if target == "recording":
        target = _recording(database).id
    told = ("hold", target, "--why", "dpo_request", "--review", _day(_ahead()), *WHY)
    assert run(*told, home=home).code == 1
    _done(home, *told, *FIRST)
    (hold,) = _done(home, "hold", "--json").json()
    assert hold["review_on"] == _ahead().isoformat()
    assert hold["hold_id"] in _done(home, "hold").out
    assert "released" in _done(home, "release", hold["hold_id"], *WHY, *FIRST).out
    assert _done(home, "hold").out == ""


def test_a_withdrawal(home: Path, database: Database) -> None:
    """Silent at once; undone by name; by dossier or by recording; kept by a hold, the compliance officer is told."""
    assert "nobody can listen" in _done(home, "withdraw", "s1/C-1", *WHY).out
    assert _recording(database).unlistenable is Unlistenable.CONSENT_WITHDRAWN
    _done(home, "withdraw", "s1/C-1", "--undo", *WHY, *FIRST)
    assert _recording(database).unlistenable is None
    _done(home, "hold", "all", "--why", "litigation", "--review", _day(_ahead()), *WHY, *FIRST)
    assert "compliance officer" in _done(home, "withdraw", _recording(database).id, *WHY).out


def test_a_derogation(home: Path, database: Database) -> None:
    """There is nothing refused to accept: said, with the dossier's name."""
    ran = run("derogate", "s1/C-1", *WHY, *FIRST, home=home)
    assert (ran.code, "is refused" in ran.err) == (1, True)
    assert run("derogate", _recording(database).id, *WHY, *FIRST, home=home).code == 1


def test_closing(home: Path, database: Database) -> None:
    """A dossier, then a session, each undone."""
    _done(home, "close", "s1/C-1", "--cause", "gave_up", *WHY)
    assert _recording(database).unlistenable is Unlistenable.CLOSED
    _done(home, "close", "s1/C-1", "--undo", *WHY)
    _done(home, "session", "cancel", "s1", *WHY)
    assert _recording(database).unlistenable is Unlistenable.SESSION_CANCELLED
    _done(home, "session", "cancel", "s1", "--undo", *WHY)
    assert _recording(database).unlistenable is None


def test_a_postponed_session(home: Path, database: Database) -> None:
    """Its candidates are told, its folders say the new days, and a call that is now too old is named."""
    with database.transaction(NOW, "system:test") as tx:
        row = tx.lock(Recording, _recording(database).id)
        row.call_date = HEARING - timedelta(days=360)
        tx.record("test.called", row.id)
    ran = _done(home, "session", "postpone", "s1", "--exam", _day(_ahead()), *WHY)
    assert f"exams on {_ahead()}" in ran.out
    assert f"{row.id}: its call is now too old" in ran.err
    assert len(list((home / "depots" / "s1").glob("*/2 - *.html"))) == 3
    assert len(list((home / "outbox").glob("*.eml"))) == 3
    assert fresh(database, row).codes == ["TOO_OLD"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("decide",), 2),
        (("decide", "s1/C-1"), 2),
        (("decide", "s1/C-1", "--on", "hier"), 2),
        (("decide", "s1/C-1", "--withdraw"), 2),
        (("decide", "s1/C-8", "--on", "2026-06-20"), 1),
        (("decide", "--session", "s1"), 2),
        (("decide", "--session", "s1", "--from", "/nulle/part.xlsx"), 3),
        (("decide", "--session", "absente", "--template", "/nulle/part.xlsx"), 1),
        (("decide", "s1/C-1", "--on", "2020-06-20"), 1),
        (("notify", "s1/C-1"), 2),
        (("notify", "s1/C-1", "--withdraw"), 2),
        (("notify", "s1/C-1", "--channel", "pigeon"), 2),
        (("notify", "s1/C-1", "--reasoned-date", "2026-06-20"), 2),
        (("notify", "s1/C-1", "--sent", "2026-06-20", "--channel", "letter"), 1),
        (("appeal", "s1/C-1"), 2),
        (("appeal", "s1/C-1", "--postmark", "2026-06-20"), 2),
        (("appeal", "s1/C-1", "--outcome", "rejected"), 2),
        (("appeal", "s1/C-1", "--outcome", "rejected", "--on", "2026-06-20"), 2),
        (("appeal", "s1/C-1", "--outcome", "rejected", "--on", "2026-06-20", "--reason", "x"), 1),
        (("appeal", "app_0", "--outcome", "rejected", "--on", "2026-06-20", "--reason", "x"), 1),
        (("appeal", "s1/C-1", "--received", "2026-06-20", "--correct"), 2),
        (("hold", "s1/C-1"), 2),
        (("hold", "absente", "--why", "other", "--reason", "x"), 1),
        (("release", "hld_0", "--reason", "x"), 1),
        (("release", "hld_0"), 2),
        (("withdraw", "rec_0", "--reason", "x"), 1),
        (("derogate", "s1/C-2", "--reason", "x"), 1),
        (("close", "s1/C-1", "--reason", "x"), 2),
        (("close", "s1/C-1", "--cause", "session_cancelled", "--reason", "x"), 1),
        (("confirm", "dec_0"), 1),
        (("confirm", "dec_0", "--refuse"), 2),
        (("session", "postpone", "s1", "--exam", "2020-01-01", "--reason", "x"), 1),
        (("session", "cancel", "absente", "--reason", "x"), 1),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(founded: Path, arguments: tuple[str, ...], code: int) -> None:
    """Exit codes are those of the contract; something is said; a traceback never is."""
    ran = run(*arguments, home=founded)
    assert ran.code == code, ran.err
    assert ran.err.strip()


def last_entry(home: Path) -> int:
    """Return the index of the journal's last entry."""
    database = sqlite3.connect(home / "consigne.db")
    (found,) = database.execute('SELECT max("index") FROM journal_entry').fetchone()
    database.close()
    return int(found)


def test_a_person_vouches_for_the_clock_by_name(home: Path) -> None:
    """Nobody does so namelessly; only the journal's last entry can be called wrong."""
    assert run("vouch", home=home).code == 1
    assert run("vouch", *FIRST, home=home).code == 0
    wrong = run("vouch", "--entry-wrong", "0", *FIRST, home=home)
    assert wrong.code == 1
    last = last_entry(home)
    assert f"it is {last}" in wrong.err
    assert run("vouch", "--entry-wrong", str(last), *FIRST, home=home).code == 0


def test_what_is_due_is_listed_and_shown_before_it_is_destroyed(home: Path) -> None:
    """Nothing yet; once it is, on the day it becomes so and not on the day before; nothing is destroyed unless it is asked for."""
    assert run("destroy", home=home).code == 2
    assert "0 due" in run("due", home=home).out
    dossier = ("s1/C-1", *FIRST, *WHY)
    assert run("decide", *dossier, "--on", DECIDED.isoformat(), home=home).code == 0
    told = ("--channel", "registered_letter", "--sent", SENT.isoformat(), "--handed-over", RECEIVED.isoformat(), "--proof", "handed_over")
    assert run("notify", *dossier, *told, home=home).code == 0
    listed = json.loads(run("due", "--as-of", (RECEIVED + timedelta(days=90)).isoformat(), "--json", home=home).out)
    (one,) = listed["recordings"]
    assert list(one) == ["recording_id", "dossier_id", "cause", "eligible_at", "held_by"]
    assert one["cause"] == "appeal_period_over"
    on = civil_date(datetime.fromisoformat(one["eligible_at"]))
    for day, count in ((on - timedelta(days=1), 0), (on, 1)):
        assert len(json.loads(run("due", "--as-of", day.isoformat(), "--json", home=home).out)["recordings"]) == count
    shown = json.loads(run("destroy", "--due", "--dry-run", "--json", home=home).out)
    assert (shown["automatic"], shown["four_eyes"], shown["many"]) == ([], [], [])
    assert run("approve", home=home).out == ""
    assert run("approve", "run_" + "0" * 32, *FIRST, home=home).code == 1
