"""The answer to an attestation that came before its recording: what it says, what is awaited, on one page and by mail."""

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from notifications import mails
from notifications.answers import file_name_of, words
from notifications.documents import answer_pdf
from notifications.facts import AnswerFacts, Attested
from notifications.page import drawable
from registry.codes import Answer, Code, Language
from tests.notifications.making import FILE_NAME, FOLDER, FORM, facts

_WAYS = {Language.FR: "oralement, avant de lancer l’enregistrement", Language.EN: "orally, before the recording was started"}


def attested(language: Language = Language.FR, *codes: Code, for_another: bool = False) -> AnswerFacts:
    """Return the facts of an attestation that was read."""
    said = Attested(_WAYS[language], "Notice d’octobre 2024", for_another)
    unread = replace(facts(language=language), duration_seconds=None, size_bytes=None, sha256=None, receipt_number=None)
    return replace(unread, codes=codes, attested=said)


def _whole(told: AnswerFacts) -> str:
    said = words(told)
    return "\n".join([said.title, *(line.text for part in said.parts for line in part.lines)])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("for_another", [True, False])
@pytest.mark.parametrize("codes", [(), (Code.TOO_OLD, Code.FUTURE_DATE, Code.CONSENT_LATE)])
def test_it_says_what_was_read(language: Language, for_another: bool, codes: tuple[Code, ...]) -> None:  # noqa: FBT001 - parametrized
    """Dates, way and notice stand in the first part, in words; every part says something, in letters that the font has."""
    told = attested(language, *codes, for_another=for_another)
    said = words(told)
    have = "\n".join(line.text for line in said.have.lines)
    day = {Language.FR: "lundi 4 mai 2026", Language.EN: "Monday 4 May 2026"}[language]
    assert have.count(day) == 2
    assert _WAYS[language] in have
    assert "Notice d’octobre 2024" in have
    assert all(part.lines for part in said.parts)
    whole = _whole(told)
    assert drawable(whole.replace("\n", ""))
    assert "{" not in whole
    assert "None" not in whole
    assert said.fingerprint is None
    if language is Language.FR:
        assert not re.search(r"[ \u00a0][:;?!»]|«[ \u00a0]|'", _whole(replace(told, file_name=None)))


def test_the_recording_is_awaited_until_the_last_day() -> None:
    """What is missing is the recording, until the deadline; the page does not look as if all were done."""
    said = words(attested())
    assert said.answer is Answer.AWAITING_CONSENT
    assert said.title == "Attestation bien reçue\u202f: il manque votre enregistrement"
    assert said.until_when.lines[0].text == "Votre enregistrement est attendu jusqu’au lundi 25 mai 2026 inclus (23\u00a0h\u00a059)."
    assert [line.url for line in said.to_do.lines if line.url] == [FOLDER, FORM]
    late = replace(attested(), deposited_at=facts().deposited_at + timedelta(days=30))
    assert "est passé" in words(late).until_when.lines[0].text


def test_beside_a_recording_that_has_its_own_nothing_is_awaited() -> None:
    """A candidate who is done is not told that a recording is missing."""
    said = words(attested(for_another=True))
    assert said.answer is Answer.RECEIVED
    assert said.title == "Attestation bien reçue"
    assert "Il manque" not in _whole(attested(for_another=True))


def test_dates_that_would_be_refused_are_told_at_once() -> None:
    """An agreement after the call is said now, with the form first, and not only when the recording is refused."""
    said = words(attested(Language.FR, Code.CONSENT_LATE))
    assert "après l’appel" in said.missing.lines[1].text
    assert said.to_do.lines[1].url == FORM
    assert "choisissez un autre appel" in said.to_do.lines[2].text


@pytest.mark.parametrize("language", Language)
def test_one_page_and_one_mail(language: Language) -> None:
    """The PDF is one page, named to sort first; the mail carries it, and not the file's name."""
    told = attested(language)
    (page,) = PdfReader(BytesIO(answer_pdf(told))).pages
    squeezed = "".join(page.extract_text().split())
    assert all("".join(line.text.split()) in squeezed for part in words(told).parts for line in part.lines)
    stem = {Language.FR: "1 - Attestation bien reçue", Language.EN: "1 - Attestation received"}[language]
    assert (file_name_of(told), file_name_of(told, 2)) == (f"{stem}.pdf", f"{stem} (2).pdf")
    mail = mails.answer(told, "camille@example.org")
    assert mail.kind == "answer.attested"
    assert mail.attachment is not None
    assert mail.attachment.name == f"{stem}.pdf"
    assert FILE_NAME not in mail.text + mail.html + "".join(PdfReader(BytesIO(mail.attachment.content)).pages[0].extract_text())
