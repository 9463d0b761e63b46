"""Every mail: whole in both languages, safe in every header and tag, and silent about clients and results."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.checkpoint_mails import checkpoint
from notifications.compliance_mails import compliance_report
from notifications.destruction_mails import Failed, certificate, failure_report
from notifications.errors import MailInvalidError
from notifications.letters import Letter, as_html, as_text
from notifications.mail import Mail, Sender, build_message, message_id_for
from notifications.mails import AlertFacts, TaskFacts, alert, answer, coordinator_task, deposit_open, intake_report, reminder
from notifications.parts import Contact, Line, Part
from notifications.retention_mails import RETENTION, Lingering, Planned, lingering, planned, to_approve
from notifications.words import MAILS
from notifications.words.destruction_words import DESTRUCTION
from notifications.words.mail_shape import Alert, Missing, Task
from registry.codes import Answer, Code, Language
from tests.notifications.compliance_made import CALM, compliance
from tests.notifications.making import CONTACT, DEADLINE, EXPECTED, FILE_NAME, FOLDER, FORM, NOW, SETTING, facts, mail, person, report

_JURY = re.compile(r"admis|ajourné|réussi|échoué à|passed the|failed the|score|note obtenue", re.IGNORECASE)
_OUTSIDE = re.compile(r"<(img|script|link|iframe|video|audio|object|form)\b|url\(|@import|src=", re.IGNORECASE)
_VOID = frozenset({"meta", "br", "img", "link", "input", "hr"})


def every_mail(language: Language) -> Iterator[Mail]:
    """Make one of every mail."""
    yield deposit_open(person(language), SETTING, EXPECTED)
    yield deposit_open(person(language), SETTING, replace(EXPECTED, folder_link=None, form_link=None))
    for kind in Answer:
        yield answer(facts(kind, Code.NOT_MP3, language=language), "camille@example.org")
    for missing in Missing:
        yield reminder(person(language), SETTING, EXPECTED, missing, date(2026, 5, 18))
    yield intake_report(report("Camille Essai"), person(language), CONTACT)
    for task in Task:
        yield coordinator_task(
            TaskFacts(task, "C-012", "Camille Essai", NOW, (Code.SILENT,), DEADLINE, FORM, FOLDER), person(language), SETTING
        )
    for kind_of_alert in Alert:
        yield alert(AlertFacts(kind_of_alert, "Centre d’essai", NOW, CONTACT, 3), person(language))
    yield checkpoint(
        "consigne-journal/00\n12\nAAAA=\n\n— consigne-journal/00 AAAA\n",
        12,
        "consigne-log-1:AAAA",
        person(language),
        "Centre d’essai",
        CONTACT,
    )
    for cause in RETENTION[language].causes:
        rows = [Planned("C-012", "JUIN-2026", cause, DEADLINE)]
        yield planned(rows, person(language), "Centre d’essai", CONTACT)
        yield planned(rows * 2, person(language), "Centre d’essai", CONTACT)
        for many in (True, False):
            yield to_approve(rows, "run_1", many=many, person=person(language), centre="Centre d’essai", contact=CONTACT)
    for step in DESTRUCTION[language].steps:
        yield failure_report(Failed("rec_1", NOW, step, "object_listed", 2, NOW), person(language), "Centre d’essai", CONTACT)
    for staff in (True, False):
        yield certificate("rec_1", NOW, b"%PDF", "pdf", person(language), "Centre d’essai", CONTACT, staff=staff)
    yield from _to_compliance(language)
    for kind_of_wait in RETENTION[language].lingering_kinds:
        yield lingering([Lingering("C-012", "JUIN-2026", kind_of_wait, DEADLINE)], person(language), "Centre d’essai", CONTACT)


def _to_compliance(language: Language) -> Iterator[Mail]:
    for told in (compliance(), compliance(0, CALM)):
        yield compliance_report(told, b"PK", person(language), CONTACT)


MAILS_MADE = [(language, made) for language in Language for made in every_mail(language)]


class Tags(HTMLParser):
    """Checks that tags close in order, and gathers what a reader sees and follows."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        if tag not in _VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text.append(data)


def read(html: str) -> Tags:
    """Parse a page strictly."""
    tags = Tags()
    tags.feed(html)
    tags.close()
    assert tags.open == []
    return tags


@pytest.mark.parametrize(("language", "made"), MAILS_MADE, ids=lambda value: value.kind if isinstance(value, Mail) else str(value))
def test_every_mail_is_whole_and_discreet(language: Language, made: Mail) -> None:
    """Subject, text and HTML say the same; the coordinator is named; no file's name, no result, nothing from outside."""
    tags = read(made.html)
    seen = " ".join(" ".join(tags.text).split())
    assert made.language is language
    assert f'<html lang="{language.value}">' in made.html
    for whole in (made.text, seen):
        assert CONTACT.name in whole
        assert CONTACT.mail in whole
        assert not _JURY.search(whole)
        assert "None" not in whole
        assert "{" not in whole
    for whole in (made.subject, made.text, made.html, made.kind):
        assert "Cliente" not in whole
        assert FILE_NAME not in whole
    assert "Camille" not in made.subject + made.kind
    assert CONTACT.teams_link in tags.links
    assert CONTACT.teams_link in made.text
    assert not _OUTSIDE.search(made.html)
    assert "<style" not in made.html
    assert all(link.startswith(("https://", "mailto:")) for link in tags.links)
    for line in made.text.splitlines():
        assert line == line.rstrip() or line == "-- "
    assert all(" ".join(line.split()) in seen for line in made.text.splitlines() if "://" not in line and line.islower())


@pytest.mark.parametrize("language", Language)
def test_all_kinds_have_words(language: Language) -> None:
    """No reminder, task or alert is without words in either language."""
    texts = MAILS[language]
    assert set(texts.reminders) == set(Missing)
    assert set(texts.tasks) == set(Task)
    assert set(texts.alerts) == set(Alert)


@pytest.mark.parametrize("language", Language)
def test_the_opening_mail_tells_all_that_is_expected(language: Language) -> None:
    """Folder, form, earliest date, last day, limit: all are there before the candidate calls anybody."""
    made = deposit_open(person(language), SETTING, EXPECTED)
    days = {Language.FR: ("16 juin 2025", "25 mai 2026", "15 juin 2026"), Language.EN: ("16 June 2025", "25 May 2026", "15 June 2026")}
    assert all(part in made.text for part in (FOLDER, FORM, "30 minutes", "MP3", *days[language]))


@pytest.mark.parametrize(
    ("left", "said"), [(21, "dans 21 jours"), (7, "dans 7 jours"), (2, "dans 2 jours"), (1, "demain"), (0, "aujourd’hui")]
)
def test_reminders_count_the_days(left: int, said: str) -> None:
    """A reminder's subject says how long is left, in words."""
    today = date.fromordinal(DEADLINE.toordinal() - left)
    assert said in reminder(person(), SETTING, EXPECTED, Missing.RECORDING, today).subject


def test_no_reminder_after_the_last_day() -> None:
    """After the last day there is nothing to remind of."""
    with pytest.raises(ValueError, match="last day"):
        reminder(person(), SETTING, EXPECTED, Missing.RECORDING, date(2026, 5, 26))


def test_an_answer_carries_its_page_without_the_file_name() -> None:
    """The PDF of the mail is the page of the folder, less the file's name."""
    made = answer(facts(), "camille@example.org")
    assert made.attachment is not None
    assert made.attachment.name == "1 - Bien reçu.pdf"
    assert made.attachment.content.startswith(b"%PDF")


def test_a_report_carries_its_workbook() -> None:
    """The coordinator's mail has the table in its text, in its HTML, and as a workbook; the counts are told."""
    made = intake_report(report("Camille Essai"), person(), CONTACT)
    assert made.attachment is not None
    assert made.attachment.name == "Depots 2026-05-12.xlsx"
    assert "Camille Essai" in made.html
    assert "* D-000" in made.text
    assert "Reçu\u202f: 2" in made.text
    assert made.html.count("<th ") == 6


def test_an_empty_report_says_so() -> None:
    """A session without candidates is not an empty table."""
    made = intake_report(replace(report(), rows=()), person(), CONTACT)
    assert "Aucun candidat" in made.text
    assert "<th" not in made.html


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\u2028", "\x85", "\x0b"])
def test_header_injection_is_refused(end: str) -> None:
    """An end of line in an address, a subject, a sender or an attachment's name is refused, whatever follows."""
    bad = f"x{end}Bcc: someone@example.org"
    made = mail()
    attachment = made.attachment
    assert attachment is not None
    for change in ({"to": bad}, {"to": f"a@example.org{end}"}, {"subject": bad}, {"attachment": replace(attachment, name=bad)}):
        with pytest.raises(MailInvalidError):
            replace(made, **change)
    with pytest.raises(MailInvalidError):
        Sender(bad, "consigne@example.org")
    with pytest.raises(MailInvalidError):
        build_message(made, message_id=f"<a{end}@example.org>", date=NOW, sender=Sender("Consigne", "consigne@example.org"))


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a b@example.org", "a@b@c", "a@example.org, b@example.org", "<a@example.org>", "é@example.org", 'a"@example.org'],
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    """A mail goes to one plain address."""
    with pytest.raises(MailInvalidError):
        replace(mail(), to=address)


def test_an_international_domain_is_written_in_ascii() -> None:
    """A domain with accents is carried in its ASCII form."""
    made = build_message(
        replace(mail(), to="a@médiathèque.example"),
        message_id="<a@example.org>",
        date=NOW,
        sender=Sender("Consigne", "consigne@example.org"),
    )
    assert made["To"].addresses[0].domain.startswith("xn--")


@pytest.mark.parametrize(
    "name", ["א" * 60, "👩\u200d🎓 Camille", 'O’Brien "d\'Artagnan" <x>', "a" * 400, "<script>alert(1)</script>", "{name}", "%s{0}"]
)
def test_any_name_is_carried_unharmed(name: str) -> None:
    """Names in any script, with quotes, tags or braces, are text and nothing else, in each part of a mail."""
    made = answer(replace(facts(), name=name, session_label=name), "camille@example.org")
    read(made.html)
    assert "<script" not in made.html
    task = coordinator_task(TaskFacts(Task.REVIEW, name, name, NOW, (Code.LATE,)), person(name=name), replace(SETTING, session_label=name))
    read(task.html)
    assert "<script" not in task.html
    assert name[:20] in task.text
    for each in (made, task):
        message = build_message(each, message_id="<a@example.org>", date=NOW, sender=Sender(name[:60], "consigne@example.org"))
        back = message_from_bytes(message.as_bytes(), policy=policy.default)
        assert back["Subject"] == each.subject
        assert sorted(back.keys()) == sorted(set(back.keys()))


def test_a_dangerous_link_is_refused() -> None:
    """A link that would run something cannot be put in a letter."""
    for url in ("javascript:alert(1)", " JavaScript:x", "data:text/html,x", "vbscript:x"):
        with pytest.raises(MailInvalidError):
            Line("x", url)
    assert Line("x", r"\\serveur\depots").url == r"\\serveur\depots"


_TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60)


@given(_TEXTS, _TEXTS)
def test_letters_escape_everything(title: str, text: str) -> None:
    """Any text comes back out of the HTML as it went in."""
    letter = Letter(Language.FR, "c", title, "g", (Part("h", (Line(text),)),), None, ())
    seen = "".join("".join(read(as_html(letter)).text).split())
    assert "".join(title.split()) in seen
    assert "".join(text.split()) in seen
    assert title in as_text(letter)


def test_message_ids_are_stable() -> None:
    """The same row gives the same identity at each attempt."""
    assert message_id_for("mail_1", "example.org") == "<mail_1@example.org>"


def test_a_contact_without_teams_is_enough() -> None:
    """Where there is no Teams link, none is offered."""
    made = deposit_open(person(), replace(SETTING, contact=Contact("Dominique", "d@example.org")), EXPECTED)
    assert "Teams" not in made.text


def test_the_page_of_formats_lists_every_kind() -> None:
    """The kinds that the documentation lists are those that are made, no more and no fewer."""
    page = (Path(__file__).parents[2] / "docs" / "formats" / "mails.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`((?:deposit|answer|reminder|report|task|destruction|retention|alert|certificate|journal)\.[a-z_]+)`", page))
    assert listed == {made.kind for _, made in MAILS_MADE}
