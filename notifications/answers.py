"""The answer to one deposit: facts in, words out, in five parts and one order. Pure.

The mail, the PDF in the folder and the page all print these same words (design: domain, "The five answers").
What is said is never a mark: a file is readable or not, it is never called conforming.
"""

from dataclasses import dataclass, replace

from notifications.attested import Said, attested_words
from notifications.facts import AnswerFacts, Attested, DestructionRule
from notifications.parts import Contact, Line, Part, grouped, one_line, shorten
from notifications.speaker import LONGEST_VALUE, Speaker
from notifications.words import ANSWERS
from notifications.words.shape import AnswerTexts
from registry.codes import REVIEWING, WARNING, Answer, Code, Language
from registry.phrases import long_date, moment, typeset, until

_LONGEST_NAME, _LONGEST_REASON = 60, 400
_ATTESTATION = frozenset({Code.ATTESTATION_UNREADABLE, Code.ATTESTATION_INCOMPLETE, Code.ATTESTATION_CONFLICT})
_GONE = frozenset({Code.WRONG_UNIT, Code.SESSION_CLOSED, Code.ALREADY_DESTROYED}) | _ATTESTATION


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """An answer in words: a title, a greeting, the five parts in their fixed order, and a table of facts.

    ``answer`` is the one whose colour and mark the page bears.
    """

    answer: Answer
    language: Language
    title: str
    greeting: str
    have: Part
    missing: Part
    to_do: Part
    until_when: Part
    whom: Part
    facts: tuple[tuple[str, str], ...]
    fingerprint: str | None
    fingerprint_label: str
    fingerprint_note: str
    colon: str

    @property
    def parts(self) -> tuple[Part, Part, Part, Part, Part]:
        """The five parts: what we have, what is wrong, what to do, until when, whom to ask."""
        return self.have, self.missing, self.to_do, self.until_when, self.whom


def words(facts: AnswerFacts) -> AnswerWords:
    """Put an answer into words, in the person's language."""
    speaker = Speaker(facts)
    texts = speaker.texts
    if facts.attested is None:
        mark, said = facts.answer, _said(facts, speaker)
    else:
        mark, said = _mark_of(facts.attested), attested_words(facts, facts.attested, speaker)
    return AnswerWords(
        answer=mark,
        language=facts.language,
        title=speaker.say(said.title),
        greeting=speaker.greeting(facts),
        have=speaker.part(texts.have, said.have),
        missing=speaker.part(texts.missing, said.missing),
        to_do=speaker.part(texts.to_do, said.to_do),
        until_when=speaker.part(texts.until_when, said.until_when),
        whom=speaker.part(texts.whom, _whom(facts, speaker)),
        facts=_table(facts, speaker),
        fingerprint=grouped(facts.sha256) if facts.sha256 else None,
        fingerprint_label=speaker.say(texts.fact_fingerprint),
        fingerprint_note=speaker.say(texts.fingerprint_note),
        colon=speaker.say(texts.colon),
    )


def for_mail(facts: AnswerFacts) -> AnswerFacts:
    """Take out what a mail may not hold: the file's name, which may name a client."""
    return replace(facts, file_name=None)


def folder_file_name(answer: Answer, language: Language, copy: int = 1) -> str:
    """Name the answer's PDF in the folder: it sorts first and holds nothing personal.

    ``copy`` tells several answers of one kind apart, from 2 on.
    """
    return _numbered(ANSWERS[language].titles[answer].file_stem, copy)


def file_name_of(facts: AnswerFacts, copy: int = 1) -> str:
    """Name the PDF of these facts, as :func:`folder_file_name` does."""
    if facts.attested is None:
        return folder_file_name(facts.answer, facts.language, copy)
    return _numbered(ANSWERS[facts.language].attested_file_stem, copy)


def _numbered(stem: str, copy: int) -> str:
    return f"{stem}.pdf" if copy == 1 else f"{stem} ({copy}).pdf"


def _mark_of(attested: Attested) -> Answer:
    """While a recording is awaited, the page must not look as if all were done."""
    return Answer.RECEIVED if attested.for_another else Answer.AWAITING_CONSENT


def _said(facts: AnswerFacts, speaker: Speaker) -> Said:
    return Said(
        title=_title(facts, speaker.texts),
        have=_have(facts, speaker),
        missing=_missing(facts, speaker),
        to_do=_to_do(facts, speaker),
        until_when=_until_when(facts, speaker),
    )


def _title(facts: AnswerFacts, texts: AnswerTexts) -> str:
    if Code.ATTESTATION_UNREADABLE in facts.codes:
        return texts.attestation_typed_title
    return texts.attestation_title if _ATTESTATION & set(facts.codes) else texts.titles[facts.answer].title


def _have(facts: AnswerFacts, speaker: Speaker) -> list[Line]:
    texts = speaker.texts
    match facts.answer:
        case Answer.RECEIVED:
            lines = [speaker.line(texts.received_readable), speaker.line(texts.received_stored)]
        case Answer.AWAITING_CONSENT | Answer.TO_REVIEW:
            lines = [speaker.line(texts.received_file), speaker.line(texts.received_stored)]
        case Answer.REFUSED:
            lines = [speaker.line(texts.refused_file)]
        case Answer.NOT_TAKEN if _ATTESTATION & set(facts.codes):
            lines = [speaker.line(texts.attestation_found)]
        case Answer.NOT_TAKEN:
            lines = [speaker.line(texts.not_taken_file)]
    if facts.file_name is not None:
        lines.append(speaker.line(texts.file_name, file_name=shorten(one_line(facts.file_name), _LONGEST_NAME)))
    if facts.receipt_number is not None and facts.answer is not Answer.NOT_TAKEN:
        lines.append(speaker.line(texts.receipt, receipt=facts.receipt_number))
    if facts.standing_receipt is not None:
        lines.append(speaker.line(texts.standing, standing=facts.standing_receipt))
    return lines


def _missing(facts: AnswerFacts, speaker: Speaker) -> list[Line]:
    texts = speaker.texts
    lines = []
    if facts.answer is Answer.AWAITING_CONSENT:
        lines.append(speaker.line(texts.call_date_missing if facts.consent_on_record else texts.attestation_missing))
        if facts.standing_receipt is not None and not facts.consent_on_record:
            lines.append(speaker.line(texts.attest_again))
    if facts.answer is Answer.REFUSED and facts.reason is not None:
        lines.append(speaker.line(texts.person_refused))
        lines.append(speaker.line(texts.person_reason, reason=shorten(one_line(facts.reason), _LONGEST_REASON)))
    lines.extend(speaker.line(texts.codes[code].problem) for code in _told(facts))
    lines.extend(Line(shorten(one_line(detail), _LONGEST_REASON)) for detail in facts.details)
    if facts.choose_link is not None:
        lines.append(speaker.line(texts.two_files))
    if not lines:
        lines.append(speaker.line(texts.nothing_missing))
    lines.extend(speaker.remark(texts.codes[code]) for code in _remarks(facts))
    return lines


def _to_do(facts: AnswerFacts, speaker: Speaker) -> list[Line]:
    texts = speaker.texts
    lines = []
    if facts.choose_link is not None:
        lines += [speaker.line(texts.choose), speaker.line(texts.choose_link, facts.choose_link)]
    if facts.answer is Answer.AWAITING_CONSENT:
        lines += _form(facts, speaker)
    lines.extend(speaker.line(texts.codes[code].remedy) for code in _told(facts))
    if (_ATTESTATION | {Code.TOO_OLD, Code.FUTURE_DATE, Code.CONSENT_LATE}) & set(facts.codes):
        lines += [speaker.line(texts.form_link, facts.form_link)] if facts.form_link else []
    match facts.answer:
        case Answer.REFUSED if not _GONE & set(facts.codes):
            lines.append(speaker.line(texts.deposit_again))
        case Answer.TO_REVIEW:
            lines.append(speaker.line(texts.nothing_for_now))
        case Answer.RECEIVED if not lines:
            lines.append(speaker.line(texts.nothing_to_do))
        case _:
            pass
    if facts.answer in {Answer.REFUSED, Answer.NOT_TAKEN} and facts.folder_link and not _GONE & set(facts.codes):
        lines.append(speaker.line(texts.folder_link, facts.folder_link))
    return lines


def _form(facts: AnswerFacts, speaker: Speaker) -> list[Line]:
    texts = speaker.texts
    if facts.form_link is None:
        return [speaker.line(texts.form_absent)]
    return [speaker.line(texts.fill_form), speaker.line(texts.form_link, facts.form_link)]


def _until_when(facts: AnswerFacts, speaker: Speaker) -> list[Line]:
    texts, language = speaker.texts, speaker.language
    lines = []
    if facts.answer is not Answer.TO_REVIEW:
        lines.append(_last_day(facts, speaker))
    if facts.answer is Answer.AWAITING_CONSENT and REVIEWING & set(facts.codes):
        lines.append(speaker.line(texts.review_after))
    if facts.answer is Answer.TO_REVIEW:
        by = facts.review_by
        lines.append(speaker.line(texts.review_by, review_by=long_date(by, language)) if by else speaker.line(texts.review_soon))
    if facts.answer is Answer.REFUSED and facts.quarantine_until is not None:
        lines.append(speaker.line(texts.quarantine_until, until=until(facts.quarantine_until, language)))
    if facts.answer not in {Answer.REFUSED, Answer.NOT_TAKEN}:
        lines.append(_destruction(facts.destruction, speaker))
    return lines


def _last_day(facts: AnswerFacts, speaker: Speaker) -> Line:
    texts, language = speaker.texts, speaker.language
    attestation = facts.answer is Answer.AWAITING_CONSENT or bool(_ATTESTATION & set(facts.codes))
    day = (facts.attestation_until or facts.deadline) if attestation else facts.deadline
    if day is None or (not attestation and _GONE & set(facts.codes)):
        return speaker.line(texts.no_deadline)
    if attestation:
        return speaker.line(texts.attestation_until, until=until(day, language))
    if facts.answer is Answer.RECEIVED:
        return speaker.line(texts.replace_no_more) if facts.late else speaker.line(texts.replace_until, until=until(day, language))
    return speaker.line(texts.deadline_passed) if facts.late else speaker.line(texts.deadline, until=until(day, language))


def _destruction(rule: DestructionRule | None, speaker: Speaker) -> Line:
    texts = speaker.texts
    if rule is None:
        return speaker.line(texts.destroyed_unset)
    grace = speaker.say(texts.grace, days=str(rule.extra_days)) if rule.extra_days else ""
    if rule.recourse_months is None:
        return speaker.line(texts.destroyed_after_decision, grace=grace)
    return speaker.line(texts.destroyed_after_recourse, months=str(rule.recourse_months), grace=grace)


def _whom(facts: AnswerFacts, speaker: Speaker) -> list[Line]:
    lines = contact_lines(facts.contact, facts.language)
    return [*lines, speaker.line(speaker.texts.quote)] if facts.reference else lines


def contact_lines(contact: Contact, language: Language) -> list[Line]:
    """Name the coordinator, with the mail address and the Teams link where there is one."""
    texts = ANSWERS[language]
    name = shorten(one_line(contact.name), LONGEST_VALUE)
    lines = [
        Line(typeset(texts.contact, language).format(coordinator=name)),
        Line(typeset(texts.contact_mail, language).format(mail=one_line(contact.mail)), f"mailto:{one_line(contact.mail)}"),
    ]
    if contact.teams_link:
        lines.append(Line(typeset(texts.contact_teams, language), contact.teams_link))
    return lines


def _table(facts: AnswerFacts, speaker: Speaker) -> tuple[tuple[str, str], ...]:
    texts, language = speaker.texts, speaker.language
    rows = [
        (texts.fact_receipt, facts.receipt_number if facts.answer is not Answer.NOT_TAKEN else None),
        (texts.fact_deposited, moment(facts.deposited_at, language)),
        (texts.fact_duration, speaker.say("{duration}") if facts.duration_seconds is not None else None),
        (texts.fact_size, speaker.say("{size}") if facts.size_bytes is not None else None),
        (texts.fact_call_date, long_date(facts.call_date, language) if facts.call_date else None),
        (texts.fact_hearing, long_date(facts.hearing_date, language) if facts.hearing_date else None),
        (texts.fact_reference, speaker.say("{reference}")),
        (texts.fact_session, shorten(one_line(facts.session_label), LONGEST_VALUE)),
    ]
    return tuple((typeset(label, language), value) for label, value in rows if value)


def _told(facts: AnswerFacts) -> list[Code]:
    if facts.answer is Answer.RECEIVED:
        return []
    return [code for code in facts.codes if code not in WARNING]


def _remarks(facts: AnswerFacts) -> list[Code]:
    return [code for code in facts.warnings if code is not Code.DUPLICATE]
