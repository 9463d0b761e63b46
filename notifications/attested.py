"""The answer to an attestation that came before its recording: what was read, and what is awaited. Pure.

Five parts in the order of every answer, so that mail and PDF look the same.
"""

from dataclasses import dataclass

from notifications.facts import AnswerFacts, Attested
from notifications.parts import Line, one_line, shorten
from notifications.speaker import LONGEST_VALUE, Speaker
from registry.phrases import until


@dataclass(frozen=True, slots=True)
class Said:
    """What the title and the first four parts say; whom to ask is the same in every answer."""

    title: str
    have: list[Line]
    missing: list[Line]
    to_do: list[Line]
    until_when: list[Line]


def attested_words(facts: AnswerFacts, attested: Attested, speaker: Speaker) -> Said:
    """Say that an attestation was read, what it says, and what is awaited until when."""
    texts = speaker.texts
    return Said(
        title=texts.attested_more_title if attested.for_another else texts.attested_title,
        have=_have(facts, attested, speaker),
        missing=_missing(facts, attested, speaker),
        to_do=_to_do(facts, attested, speaker),
        until_when=[_last_day(facts, attested, speaker)],
    )


def _have(facts: AnswerFacts, attested: Attested, speaker: Speaker) -> list[Line]:
    texts = speaker.texts
    lines = [
        speaker.line(texts.attested_received),
        speaker.line(texts.attested_call),
        speaker.line(texts.attested_given, way=one_line(attested.way)),
        speaker.line(texts.attested_notice, notice=shorten(one_line(attested.notice), LONGEST_VALUE)),
        speaker.line(texts.attested_stays),
    ]
    if facts.file_name is not None:
        lines.append(speaker.line(texts.file_name, file_name=shorten(one_line(facts.file_name), LONGEST_VALUE)))
    return lines


def _missing(facts: AnswerFacts, attested: Attested, speaker: Speaker) -> list[Line]:
    texts = speaker.texts
    lines = [speaker.line(texts.attested_another if attested.for_another else texts.attested_recording)]
    return lines + [speaker.line(texts.codes[code].problem) for code in facts.codes]


def _to_do(facts: AnswerFacts, attested: Attested, speaker: Speaker) -> list[Line]:
    texts = speaker.texts
    deposit = [speaker.line(texts.attested_deposit_another if attested.for_another else texts.attested_deposit)]
    if facts.folder_link:
        deposit.append(speaker.line(texts.folder_link, facts.folder_link))
    deposit.append(speaker.line(texts.attested_answer))
    correct = [speaker.line(texts.attested_wrong), speaker.line(texts.form_link, facts.form_link)] if facts.form_link else []
    if facts.codes:
        return [*correct, speaker.line(texts.attested_other_call), *deposit]
    return deposit + correct


def _last_day(facts: AnswerFacts, attested: Attested, speaker: Speaker) -> Line:
    texts, day = speaker.texts, facts.deadline
    if day is None:
        return speaker.line(texts.no_deadline)
    said = until(day, speaker.language)
    if attested.for_another:
        return speaker.line(texts.replace_no_more) if facts.late else speaker.line(texts.replace_until, until=said)
    return speaker.line(texts.deadline_passed) if facts.late else speaker.line(texts.deadline, until=said)
