"""The sentences of the mails about the end of recordings, in English."""

from notifications.words.retention_shape import RetentionTexts

RETENTION = RetentionTexts(
    causes={
        "appeal_period_over": "appeal period over",
        "no_recourse": "decision communicated, no appeal provided for",
        "replaced": "recording replaced",
        "consent_withdrawn": "consent withdrawn",
        "quarantine_over": "refused, quarantine over",
        "consent_wait_over": "attestation never received",
        "session_cancelled": "session cancelled",
        "closed_without_decision": "file closed without a decision",
    },
    dossier="File",
    session="Session",
    cause="Ground",
    from_day="Destruction from",
    waits_since="Waiting since",
    what_waits="What is missing",
    planned_title="{count} destructions planned",
    planned_one="One destruction planned",
    planned_what="What is planned",
    planned_count="The recordings below will be destroyed on the dates given, or within the following days.",
    planned_how="A certificate of destruction will be issued for each.",
    planned_nothing="If these dates are right, there is nothing to do.",
    planned_appeal="If you know of an appeal, record it before the date given: destruction is then suspended at once (consigne appeal).",
    planned_hold="For any other reason to wait, record a hold (consigne hold).",
    approval_title="A list of destructions waits for your approval",
    approval_what="What is waiting",
    approval_four_eyes="Your centre chose that a person approves each list before destruction.",
    approval_many="This list is longer than what may be destroyed in one day without a person’s agreement.",
    approval_how="Read the list, then approve it: consigne approve {run}",
    approval_meanwhile="Until then, nothing on this list is destroyed.",
    lingering_title="Files are waiting without an end in sight",
    lingering_what="What is waiting",
    lingering_count="Without a notified decision the appeal period does not begin, and the recording is kept with no end date.",
    lingering_kinds={"undecided": "the jury’s decision", "unnotified": "the proof of notification"},
    lingering_decide="If the jury has decided, record the date (consigne decide).",
    lingering_notify="If the decision was notified, record the day it was handed over (consigne notify). For an unclaimed letter, send it "
    "again; failing that, two people may set a reasoned date.",
    lingering_close="If the candidate was absent or gave up, close the file (consigne close).",
)
