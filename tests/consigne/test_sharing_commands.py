"""``evaluator``, ``assign`` and ``listen``: what they print, what they send, and what they refuse."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from consigne import founding, settings
from consigne.founding import Told
from consigne.wiring import Parts
from intake.shares import Share
from registry.clock import SystemClock, civil_date
from registry.codes import Code
from registry.states import RecordingState
from registry.tables import Role
from registry.users import add
from tests import factories
from tests.consigne.centre import run
from tests.factories import CODE, REFERENCE, FixedClock
from tests.sharing.house import House

pytestmark = pytest.mark.scenario

_STAFF = "coordination@centre.example"
_LINK = re.compile(r"https?://\S+/e/[A-Za-z0-9_-]{43}")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Found a centre."""
    told = Told("Essai", "Camille", _STAFF, None, "depots", "mirror", "http://127.0.0.1:8750", 8750, _STAFF, None, "une phrase")
    founding.found(tmp_path / "centre", told, SystemClock())
    return tmp_path / "centre"


def _deposited(home: Path, *codes: Code) -> str:
    """Put a recording into the centre whose hearing is to come."""
    parts = Parts(settings.load(home))
    now = parts.clock.now()
    hearing = now + timedelta(days=40)
    house = House(parts.database, Share(home / "depots"), clock=FixedClock(now))
    (file,) = factories.opened(parts.database, REFERENCE, exam_on=civil_date(hearing), now=now, hearing_at=hearing)
    intakes = factories.Intakes(parts.database, house.share, house.clock)
    factories.attest(intakes, file, factories.record(call_on=civil_date(now - timedelta(days=9))))
    made = house.deposit(file, None, *codes, attested=False)
    parts.close()
    return made


def _mails(home: Path) -> list[str]:
    """Read the mails that left and lead to a player, as text."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted((home / "outbox").glob("*.eml"))]
    texts = [body.get_content() for mail in found if (body := mail.get_body(("plain",))) is not None]
    return [text for text in texts if "/e/" in text]


def _state(home: Path, recording: str) -> RecordingState:
    parts = Parts(settings.load(home))
    house = House(parts.database, Share(home / "depots"))
    state = house.state(recording)
    parts.close()
    return state


def test_a_recording_is_assigned_by_one_mail_and_taken_back(home: Path) -> None:
    """Enrol, assign, look, take back: one mail with one link, which is printed nowhere."""
    recording = _deposited(home)
    added = run("evaluator", "add", "Maud Membre", "maud@cte.test", "--employer", "Autre", "--by", _STAFF, home=home)
    assert (added.code, added.out.startswith("evaluator enrolled as evl_")) == (0, True)
    given = run("assign", "maud@cte.test", f"{CODE}/{REFERENCE}", "--by", _STAFF, home=home)
    assert (given.code, given.err) == (0, "")
    assert recording in given.out
    assert "/e/" not in given.out
    (mail,) = _mails(home)
    assert len(_LINK.findall(mail)) == 1
    assert _state(home, recording) is RecordingState.RELEASED
    (told,) = run("evaluator", "list", "--json", home=home).json()
    assert (told["mail"], told["recordings"], told["active"]) == ("maud@cte.test", 1, True)
    assert "1 recordings" in run("evaluator", "list", home=home).out
    again = run("assign", "maud@cte.test", recording, "--until", "31/12/2099", home=home)
    assert (again.code, "longer than a year" in again.err) == (1, True)
    back = run("assign", "maud@cte.test", recording, "--revoke", home=home)
    assert (back.code, back.out) == (0, f"{recording} taken back\n")
    assert _state(home, recording) is RecordingState.ACCEPTED
    assert run("assign", "maud@cte.test", recording, "--revoke", home=home).code == 1
    assert run("evaluator", "retire", "maud@cte.test", home=home).code == 0
    assert "inactive" in run("evaluator", "list", home=home).out
    assert run("assign", "maud@cte.test", recording, home=home).code == 1
    assert len(_mails(home)) == 1


def test_what_is_refused_is_said_and_changes_nothing(home: Path) -> None:
    """Nobody of that address, no such recording, a day that is none, a portal without TLS; all or nothing."""
    recording = _deposited(home)
    run("evaluator", "add", "Maud Membre", "maud@cte.test", "--employer", "Entreprise d’essai", home=home)
    for arguments, code, said in (
        (("nobody@cte.test", recording), 1, "evaluator add"),
        (("maud@cte.test", "rec_unknown"), 1, "SESSION/REFERENCE"),
        (("maud@cte.test", recording, f"{CODE}/C-999"), 1, "SESSION/REFERENCE"),
        (("maud@cte.test", recording, "--until", "demain"), 2, "--until"),
        (("maud@cte.test", recording, "--by", "nobody@cte.test"), 1, "user add"),
    ):
        ran = run("assign", *arguments, home=home)
        assert (ran.code, said in ran.err) == (code, True)
    assert _state(home, recording) is RecordingState.ACCEPTED
    told = (home / "consigne.toml").read_text("utf-8")
    (home / "consigne.toml").write_text(told.replace("http://127.0.0.1:8750", "http://depot.example.org"), "utf-8")
    assert "https" in run("assign", "maud@cte.test", recording, home=home).err
    (home / "consigne.toml").write_text(told, "utf-8")
    assert _mails(home) == []
    assert "same employer" in run("assign", "maud@cte.test", recording, home=home).err


def test_a_coordinator_is_sent_the_link_and_nobody_else(home: Path) -> None:
    """The link to what is to review goes to a coordinator's address; it is printed nowhere, and an operator gets none."""
    recording = _deposited(home, Code.DAMAGED)
    sent = run("listen", f"{CODE}/{REFERENCE}", "--by", _STAFF, home=home)
    assert (sent.code, "/e/" in sent.out) == (0, False)
    (mail,) = _mails(home)
    assert _LINK.search(mail)
    assert REFERENCE in mail
    parts = Parts(settings.load(home))
    with parts.database.transaction(parts.clock.now(), "system:test") as tx:
        add(tx, role=Role.OPERATOR, name="x", mail="operator@centre.example")
    parts.close()
    refused = run("listen", recording, "--by", "operator@centre.example", home=home)
    assert (refused.code, "coordinator" in refused.err) == (1, True)
    assert run("listen", recording, home=home).code == 2
    assert len(_mails(home)) == 1


def test_only_what_is_to_review_is_sent_to_a_coordinator(home: Path) -> None:
    """What was accepted is the committee's to hear."""
    recording = _deposited(home)
    assert "awaits a review" in run("listen", recording, "--by", _STAFF, home=home).err
    assert _mails(home) == []
