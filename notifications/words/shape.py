"""What each language must say: the same named sentences, so that a missing translation does not type-check.

Sentences are templates for ``str.format``; the values are made by ``answers``, and no value is ever a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.codes import Answer, Code


@dataclass(frozen=True, slots=True)
class CodeWords:
    """One code: its short name for coordinators, what is wrong with this file, and what to do about it."""

    short: str
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class AnswerTitle:
    """One of the five answers: its title, its file's name in the folder (nothing personal), its word in a table."""

    title: str
    file_stem: str
    short: str


@dataclass(frozen=True, slots=True)
class AnswerTexts:
    """The sentences of an answer, grouped by the five parts, in their order."""

    codes: Mapping[Code, CodeWords]
    titles: Mapping[Answer, AnswerTitle]
    export_guides: Mapping[str, str]  # by the format found, in upper case
    export_default: str
    found_names: Mapping[str, str]
    attestation_title: str
    attestation_typed_title: str
    # an attestation that was read before any recording came
    attested_title: str
    attested_more_title: str  # where a recording is here that does not need it
    attested_file_stem: str
    attested_received: str
    attested_call: str
    attested_given: str
    attested_notice: str
    attested_stays: str
    attested_recording: str
    attested_another: str
    attested_deposit: str
    attested_deposit_another: str
    attested_answer: str
    attested_wrong: str
    attested_other_call: str
    greeting: str
    greeting_without_civility: str
    greeting_without_name: str
    # the five headings
    have: str
    missing: str
    to_do: str
    until_when: str
    whom: str
    # what we have
    received_readable: str
    received_file: str
    received_stored: str
    refused_file: str
    standing: str
    attest_again: str
    not_taken_file: str
    attestation_found: str
    file_name: str
    receipt: str
    # what is missing or wrong
    nothing_missing: str
    attestation_missing: str
    call_date_missing: str
    two_files: str
    remarks: str
    person_refused: str
    person_reason: str
    # what to do
    nothing_to_do: str
    fill_form: str
    form_link: str
    form_absent: str
    nothing_for_now: str
    deposit_again: str
    folder_link: str
    choose: str
    choose_link: str
    # until when
    deadline: str
    deadline_passed: str
    no_deadline: str
    replace_until: str
    replace_no_more: str
    attestation_until: str
    review_by: str
    review_after: str
    review_soon: str
    quarantine_until: str
    destroyed_after_recourse: str
    destroyed_after_decision: str
    destroyed_unset: str
    grace: str
    # whom to ask
    contact: str
    contact_mail: str
    contact_teams: str
    quote: str
    # the table of facts under the five parts
    fact_receipt: str
    fact_deposited: str
    fact_duration: str
    fact_size: str
    fact_call_date: str
    fact_hearing: str
    fact_reference: str
    fact_session: str
    fact_fingerprint: str
    fingerprint_note: str
    colon: str
    # values that may be unknown
    found_named: str
    found_nothing: str
    unknown_date: str
    unknown_duration: str
    unknown_size: str
    minutes: str
