"""The five answers in words: every code has words and a remedy, the order never changes, nothing is promised or leaked."""

import re
import string
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.answers import folder_file_name, for_mail, words
from notifications.facts import AnswerFacts, DestructionRule
from notifications.parts import one_line
from notifications.words import ANSWERS
from registry.codes import NOT_TAKEN, REFUSING, REVIEWING, WARNING, Answer, Code, Language
from tests.notifications.making import CHOOSE, EARLIEST, FILE_NAME, FOLDER, FORM, bare, facts

_MARK_LIKE = re.compile(r"conforme|valid[ée]|approuv|félicit|bravo|compliant|approved|congratul", re.IGNORECASE)
_KNOWN_FORMATS = (
    "WAV", "OGG", "FLAC", "PDF", "ZIP", "ELF", "JPEG", "PNG", "GIF", "AMR", "CAF", "AIFF", "WavPack", "Monkey's Audio", "RAR", "7-Zip",
    "GZIP", "Microsoft Office", "WMA", "MIDI", "MPEG video", "RTF", "AU", "SQLite", "MPEG layer II", "MPEG layer I", "MP3 free format",
    "AVI", "WebP", "RIFF", "M4A", "3GP", "MP4", "WebM", "Matroska", "EXE", "HTML", "XML", "script", "text", "AAC",
)  # fmt: skip


def answer_of(code: Code) -> Answer:
    """Return the answer that a code leads to."""
    if code in REFUSING:
        return Answer.REFUSED
    if code in REVIEWING:
        return Answer.TO_REVIEW
    return Answer.NOT_TAKEN if code in NOT_TAKEN else Answer.RECEIVED


def everything(told: AnswerFacts) -> str:
    """Return all that an answer says, on one string."""
    said = words(told)
    lines = [line.text for part in said.parts for line in part.lines]
    return "\n".join([said.title, said.greeting, *lines, *(v for row in said.facts for v in row), said.fingerprint or ""])


@pytest.mark.parametrize("language", Language)
def test_every_code_has_words_and_a_remedy(language: Language) -> None:
    """No code of the closed vocabulary is without a name, a problem and a remedy, in either language."""
    assert set(ANSWERS[language].codes) == set(Code)
    for code in Code:
        said = ANSWERS[language].codes[code]
        assert said.short.strip()
        assert said.problem.endswith("."), code
        assert said.remedy.endswith(".") or said.remedy.endswith("}"), code
        assert len(said.remedy) > 10


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", sorted(set(Code) - WARNING))
def test_a_code_is_told_with_its_remedy(code: Code, language: Language) -> None:
    """The answer to a file prints what is wrong with it in the second part, and what to do in the third."""
    said = words(facts(answer_of(code), code, language=language))
    first_words = ANSWERS[language].codes[code].problem.split("{")[0].split(" :")[0].strip()
    assert any(first_words in line.text.replace("\u202f", " ") for line in said.missing.lines)
    own = ANSWERS[language].codes[code].remedy
    if not own.startswith("{"):
        assert any(own.split("{")[0].split(" :")[0].split(" ;")[0].strip() in line.text.replace("\u202f", " ") for line in said.to_do.lines)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("code", [None, *Code])
def test_answers_are_whole_and_give_no_mark(code: Code | None, language: Language) -> None:
    """Whatever is known or not, five headed parts stand in one order, no placeholder shows, and no word sounds like a mark."""
    codes = () if code is None or code in WARNING else (code,)
    warnings = (code,) if code in WARNING and code is not None else ()
    answers = [Answer.RECEIVED, Answer.AWAITING_CONSENT] if not codes else [answer_of(codes[0])]
    for answer in answers:
        for told in (facts(answer, *codes, language=language), bare(answer, *codes, language=language)):
            said = words(replace(told, warnings=warnings))
            texts = ANSWERS[language]
            assert [p.heading for p in said.parts] == [texts.have, texts.missing, texts.to_do, texts.until_when, texts.whom]
            assert all(part.lines for part in said.parts)
            whole = everything(replace(told, warnings=warnings))
            assert "{" not in whole
            assert "None" not in whole
            assert "  " not in whole
            assert not _MARK_LIKE.search(whole)
            assert told.contact.name in whole


@pytest.mark.parametrize("language", Language)
def test_both_languages_use_the_same_values(language: Language) -> None:
    """A template never names a value that answers do not have, and French and English name the same ones."""
    formatter = string.Formatter()
    ours, french = ANSWERS[language], ANSWERS[Language.FR]
    for field in fields(ours):
        value, other = getattr(ours, field.name), getattr(french, field.name)
        if isinstance(value, str):
            named = {name for _, name, _, _ in formatter.parse(value) if name}
            assert named - {"civility"} == {name for _, name, _, _ in formatter.parse(other) if name} - {"civility"}, field.name
    for code in Code:
        mine, theirs = ours.codes[code], french.codes[code]
        for one, two in ((mine.problem, theirs.problem), (mine.remedy, theirs.remedy)):
            assert {n for _, n, _, _ in formatter.parse(one) if n} == {n for _, n, _, _ in formatter.parse(two) if n}, code


def test_received_says_there_is_nothing_left() -> None:
    """A good file is readable, for so long; nothing is left to do; it can be replaced until the last day."""
    whole = everything(facts())
    assert "Bien reçu. Fichier lisible, 24\u00a0min\u00a012\u00a0s." in whole
    assert "plus rien à faire" in whole
    assert "jusqu’au lundi 25 mai 2026 inclus (23\u00a0h\u00a059)" in whole
    assert "2026-0147" in whole


def test_typography_is_french() -> None:
    """In French a narrow no-break space stands before double punctuation and inside guillemets; in English none does."""
    for code in Code:
        told = replace(facts(answer_of(code), code), file_name=None)
        assert not re.search(r"[ \u00a0][:;?!»]|«[ \u00a0]|'", everything(told)), code
        assert "\u202f" not in everything(replace(told, language=Language.EN))


@pytest.mark.parametrize("found", _KNOWN_FORMATS)
@pytest.mark.parametrize("language", Language)
def test_a_foreign_format_is_named_with_its_way_out(found: str, language: Language) -> None:
    """Each format that the judge can name has its own way to an MP3, never the general one, and no online converter."""
    texts = ANSWERS[language]
    assert found.upper() in texts.export_guides
    said = words(replace(facts(Answer.REFUSED, Code.NOT_MP3, language=language), found=found))
    assert found in said.missing.lines[0].text or found.upper() in texts.found_names
    assert texts.export_guides[found.upper()][:15] in said.to_do.lines[0].text.replace("\u202f", " ")


def test_an_unknown_format_gets_the_general_way_out() -> None:
    """A file in which nothing is recognised is said to hold no MP3 sound, and how phones, Teams and Zoom export is told."""
    said = words(facts(Answer.REFUSED, Code.NOT_MP3))
    assert "aucun son MP3" in said.missing.lines[0].text
    assert all(word in said.to_do.lines[0].text for word in ("Téléphone", "Teams", "Zoom", "MP3"))


@pytest.mark.parametrize("seconds", [1800.51, 1800.99, 1801.0, 5400.2])
def test_too_long_never_reads_as_the_limit(seconds: float) -> None:
    """The duration of a recording that is too long is rounded up, so that it never reads 30 min 00 s; cutting it is not advised."""
    said = words(replace(facts(Answer.REFUSED, Code.TOO_LONG), duration_seconds=seconds))
    problem = said.missing.lines[0].text
    assert "30\u00a0min\u00a000\u00a0s" not in problem
    assert "30 minutes" in problem
    assert "autre appel" in said.to_do.lines[0].text
    assert "Ne coupez pas" in said.to_do.lines[0].text


@pytest.mark.parametrize("language", Language)
def test_too_old_prints_the_earliest_date(language: Language) -> None:
    """A call that is too old is answered with the earliest admissible date, in words."""
    said = words(facts(Answer.REFUSED, Code.TOO_OLD, language=language))
    earliest = {Language.FR: "lundi 16 juin 2025", Language.EN: "Monday 16 June 2025"}[language]
    assert earliest in said.missing.lines[0].text
    assert earliest in said.to_do.lines[0].text
    assert any(line.url == FORM for line in said.to_do.lines)
    assert date(2025, 6, 16) == EARLIEST


@pytest.mark.parametrize("language", Language)
def test_waiting_carries_the_form(language: Language) -> None:
    """Who must attest finds the link to the form, or the PDF where no form is open; and until when."""
    waiting = facts(Answer.AWAITING_CONSENT, language=language)
    assert any(line.url == FORM for line in words(waiting).to_do.lines)
    without = words(replace(waiting, form_link=None))
    assert all(line.url is None for line in without.to_do.lines)
    assert "PDF" in without.to_do.lines[0].text
    longer = words(replace(waiting, attestation_until=date(2026, 6, 3)))
    assert "3 " in longer.until_when.lines[0].text


def test_waiting_tells_which_half_is_missing() -> None:
    """A consent without a call date is not asked for again: only the date is."""
    whole = words(replace(facts(Answer.AWAITING_CONSENT), consent_on_record=True)).missing
    assert whole.lines[0].text == "Il manque la date de l’appel dans votre attestation."
    assert "accord de votre client" in words(facts(Answer.AWAITING_CONSENT)).missing.lines[0].text


def test_a_waiting_late_file_says_both() -> None:
    """A late recording without attestation is told both, and that the centre will decide."""
    said = words(facts(Answer.AWAITING_CONSENT, Code.LATE))
    assert len(said.missing.lines) == 2
    assert any("centre vous répondra" in line.text for line in said.until_when.lines)


def test_two_good_files_ask_which() -> None:
    """When two good files came together, the answer asks which one, with its link, and says what counts meanwhile."""
    said = words(replace(facts(), choose_link=CHOOSE))
    assert any(line.url == CHOOSE for line in said.to_do.lines)
    assert any("le plus récent compte" in line.text for line in said.missing.lines)
    assert not any("plus rien à faire" in line.text for line in said.to_do.lines)


def test_a_duplicate_is_never_told() -> None:
    """That the same bytes lie in another dossier is for the coordinator alone."""
    told = replace(facts(), warnings=(Code.DUPLICATE,))
    assert everything(told) == everything(facts())


def test_warnings_refuse_nothing() -> None:
    """A warning is a remark on a file that is received all the same."""
    said = words(replace(facts(), warnings=(Code.QUIET, Code.DATE_CONFLICT)))
    assert said.missing.lines[0].text == "Rien ne manque."
    assert len(said.missing.lines) == 3
    assert all("sans conséquence" in line.text for line in said.missing.lines[1:])


def test_a_refusal_by_a_person_gives_the_reason() -> None:
    """When a coordinator refused, the reason that was written is told as the centre's, on one line."""
    said = words(replace(facts(Answer.REFUSED, Code.SILENT), reason="On n’entend\r\nqu’une voix"))
    assert "« On n’entend qu’une voix »" in said.missing.lines[1].text.replace("\u202f", " ")


def test_a_refused_file_says_until_when() -> None:
    """A refusal says until when a new file may come, and until when a derogation may be asked; later, that the day has passed."""
    said = words(facts(Answer.REFUSED, Code.NOT_MP3))
    assert [day in line.text for day, line in zip(("25 mai", "26 mai"), said.until_when.lines, strict=True)] == [True, True]
    assert any(line.url == FOLDER for line in said.to_do.lines)
    late = replace(facts(Answer.REFUSED, Code.NOT_MP3), deposited_at=facts().deposited_at + timedelta(days=30))
    assert "est passé" in words(late).until_when.lines[0].text


def test_the_last_day_counts_in_full() -> None:
    """A deposit in the last minute of the last day, in Paris, is not late; one minute later it is."""
    last = facts().deposited_at.replace(month=5, day=25, hour=21, minute=59)
    assert not replace(facts(), deposited_at=last).late
    assert replace(facts(), deposited_at=last + timedelta(minutes=1)).late


@pytest.mark.parametrize("code", [Code.SESSION_CLOSED, Code.WRONG_UNIT, Code.ALREADY_DESTROYED])
def test_nothing_is_expected_where_nothing_is(code: Code) -> None:
    """No date is promised for a file that is not expected at all."""
    said = words(facts(answer_of(code), code))
    assert not any("attendu" in line.text for line in said.until_when.lines)


@pytest.mark.parametrize("code", [Code.ATTESTATION_UNREADABLE, Code.ATTESTATION_INCOMPLETE, Code.ATTESTATION_CONFLICT])
def test_an_attestation_is_answered_as_one(code: Code) -> None:
    """An attestation that cannot be read is called an attestation, offers the form, and repeats what its reader found."""
    said = words(replace(facts(Answer.NOT_TAKEN, code), details=("La date du 31 février n’existe pas.",)))
    assert "attestation" in said.title
    assert any(line.url == FORM for line in said.to_do.lines)
    assert "La date du 31 février n’existe pas." in [line.text for line in said.missing.lines]


def test_destruction_is_told_as_the_scheme_states_it() -> None:
    """The sentence on destruction follows the scheme's rule; where none is stated, nothing is promised."""
    of = {
        rule: everything(replace(facts(), destruction=rule))
        for rule in (DestructionRule(2), DestructionRule(2, 15), DestructionRule(None, 15), None)
    }
    assert "2 mois à compter de la notification." in of[DestructionRule(2)]
    assert "augmentés de 15 jours" in of[DestructionRule(2, 15)]
    assert "après la communication de la décision du jury, augmentés de 15 jours" in of[DestructionRule(None, 15)]
    assert "pas détruit automatiquement" in of[None]


def test_the_name_of_the_file_stays_in_the_folder() -> None:
    """A file's name may hold a client's: it is printed in the folder only."""
    assert FILE_NAME in everything(facts())
    assert "Cliente" not in everything(for_mail(facts()))


@pytest.mark.parametrize("language", Language)
def test_answers_in_the_folder_come_first_and_hold_nothing_personal(language: Language) -> None:
    """The names of the PDFs sort before what people drop, are all different, and fit every file system."""
    names = [folder_file_name(answer, language, copy) for answer in Answer for copy in (1, 2, 11)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("1 - ") and name.endswith(".pdf") for name in names)
    assert all(not set(name) & set('\\/:*?"<>|') and len(name.encode()) < 120 for name in names)


def test_naive_instants_are_refused() -> None:
    """An instant without its zone would print a wrong hour."""
    with pytest.raises(ValueError, match="zone"):
        replace(facts(), deposited_at=facts().deposited_at.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("a\u202eb", "ab"),
        ("a\r\nb", "a b"),
        ("\x00a\x1b[31m", "a[31m"),
        ("\ud83d", ""),
        ("שלום", "\u2068שלום\u2069"),
        ("👩\u200d🎓", "👩\u200d🎓"),
    ],
)
def test_one_line_takes_out_what_turns_or_hides(given_text: str, kept: str) -> None:
    """Direction marks, line ends, control characters and half characters go; letters, joined emoji and their order stay."""
    assert one_line(given_text) == kept


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(list(Language)))
def test_strangers_texts_cannot_break_a_line(name: str, file_name: str, language: Language) -> None:
    """Whatever a name or a file's name holds, each line stays one line, without control or direction marks, and of bounded length."""
    told = replace(facts(Answer.REFUSED, Code.NOT_MP3, language=language), name=name, file_name=file_name, found=file_name, reason=name)
    for part in words(told).parts:
        for line in part.lines:
            assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067\u2028\u2029\ud800-\udfff]", line.text)
            assert len(line.text) < 1200


@pytest.mark.parametrize(("language", "label"), [(Language.FR, "session du 15 juin 2026"), (Language.EN, "session of 15 June 2026")])
def test_the_table_says_each_thing_once(language: Language, label: str) -> None:
    """No label is the first word of what stands beside it."""
    for name, value in words(replace(facts(Answer.RECEIVED, language=language), session_label=label)).facts:
        assert not value.casefold().startswith(name.casefold())
