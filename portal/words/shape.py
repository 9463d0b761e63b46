"""What each language must say: the same named sentences, so that a missing translation does not type-check.

Sentences in braces are templates for ``str.format``; the values are made by the pages, and no value is ever a template.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageWords:
    """The sentences of the pages."""

    other_language: str
    other_language_code: str
    reference: str
    contact: str
    # how far away a day is
    today: str
    tomorrow: str
    in_days: str
    # what we have
    nothing_yet: str
    nothing_yet_more: str
    expected: str
    deadline_passed: str
    checking: str
    checking_more: str
    gone: str
    gone_more: str
    set_aside: str
    set_aside_more: str
    folder: str
    detail: str
    # the attestation on record
    on_record: str
    on_record_bound: str
    on_record_free: str
    on_record_spare: str
    disputed: str
    disputed_more: str
    arrived: str
    row_way: str
    row_notice: str
    row_role: str
    correct: str
    another: str
    # the form
    form_title: str
    form_lede: str
    not_asked: str
    not_asked_more: str
    step_call: str
    step_agreement: str
    call_date: str
    call_date_hint: str
    call_time: str
    optional: str
    call_time_hint: str
    told: str
    told_hint: str
    told_recording: str
    told_purpose: str
    told_retention: str
    given_on: str
    given_on_hint: str
    way: str
    ways: Mapping[str, str]
    notice: str
    notice_hint: str
    notice_read: str
    role: str
    role_unsaid: str
    roles: Mapping[str, str]
    client_reference: str
    client_reference_more: str
    no_name: str
    attest: str
    send: str
    faults_one: str
    faults_many: str
    fault_mark: str
    not_saved: str
    # after the form
    thanks: str
    thanks_next: str
    thanks_no_recording: str
    thanks_close: str
    back_to_form: str
    # between two recordings
    choice_title: str
    choice_lede: str
    choice_legend: str
    choice_received: str
    choice_file: str
    choice_send: str
    choice_missing: str
    choice_closed: str
    choice_closed_more: str
    choice_thanks: str
    choice_thanks_more: str
    # calm pages: a title, then lines
    home_title: str
    home_lede: str
    home_more: str
    incident: str
    ask: str
    messages: Mapping[str, tuple[str, ...]]
