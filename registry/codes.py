"""The closed vocabularies that every part shares: verdicts, codes, answers, languages.

The codes are those of the design's rules; each one's words for people live with the mails.
"""

from enum import StrEnum


class Language(StrEnum):
    """A language that a person may be answered in."""

    FR = "fr"
    EN = "en"


class Verdict(StrEnum):
    """What software concludes about a file."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Code(StrEnum):
    """Why a file is refused, shown to a person, left where it lies, or accepted with a remark."""

    # refused
    NOT_MP3 = "NOT_MP3"
    EMPTY_FILE = "EMPTY_FILE"
    TOO_LONG = "TOO_LONG"
    TOO_OLD = "TOO_OLD"
    FUTURE_DATE = "FUTURE_DATE"
    CONSENT_LATE = "CONSENT_LATE"
    WRONG_UNIT = "WRONG_UNIT"
    # to a person
    LATE = "LATE"
    DAMAGED = "DAMAGED"
    MIXED_FORMAT = "MIXED_FORMAT"
    TRAILING_DATA = "TRAILING_DATA"
    TAG_DAMAGED = "TAG_DAMAGED"
    TOO_SHORT = "TOO_SHORT"
    SILENT = "SILENT"
    MALWARE = "MALWARE"
    # not taken
    TOO_LARGE = "TOO_LARGE"
    UNKNOWN_FOLDER = "UNKNOWN_FOLDER"
    ALREADY_DESTROYED = "ALREADY_DESTROYED"
    NOT_A_DEPOSIT = "NOT_A_DEPOSIT"  # a file that is neither a recording nor an attestation
    LINK = "LINK"  # a link, pipe, device or directory where a file is expected
    UNREADABLE = "UNREADABLE"  # the centre's computer may not read it
    SESSION_CLOSED = "SESSION_CLOSED"
    TOO_MANY_FILES = "TOO_MANY_FILES"  # more recordings at once in one folder than a person can have meant
    ATTESTATION_UNREADABLE = "ATTESTATION_UNREADABLE"  # an attestation that a person must type in
    ATTESTATION_INCOMPLETE = "ATTESTATION_INCOMPLETE"  # an attestation in which something is missing or impossible
    ATTESTATION_CONFLICT = "ATTESTATION_CONFLICT"  # it contradicts another one of the same dossier
    # warnings, which never refuse
    TRUNCATED = "TRUNCATED"
    HEADER_LIES = "HEADER_LIES"
    JUNK_BYTES = "JUNK_BYTES"
    TAG_SUSPICIOUS = "TAG_SUSPICIOUS"
    QUIET = "QUIET"
    CLIPPED = "CLIPPED"
    MOSTLY_SILENCE = "MOSTLY_SILENCE"
    NOISE = "NOISE"
    NOISY = "NOISY"
    DECODE_DIFFERS = "DECODE_DIFFERS"
    DATE_CONFLICT = "DATE_CONFLICT"
    DATE_UNREADABLE = "DATE_UNREADABLE"
    DUPLICATE = "DUPLICATE"  # the same bytes in another live dossier: told to the coordinator alone


REFUSING = frozenset(
    {Code.NOT_MP3, Code.EMPTY_FILE, Code.TOO_LONG, Code.TOO_OLD, Code.FUTURE_DATE, Code.CONSENT_LATE, Code.WRONG_UNIT},
)
REVIEWING = frozenset(
    {
        Code.LATE,
        Code.DAMAGED,
        Code.MIXED_FORMAT,
        Code.TRAILING_DATA,
        Code.TAG_DAMAGED,
        Code.TOO_SHORT,
        Code.SILENT,
        Code.MALWARE,
    },
)
NOT_TAKEN = frozenset(
    {
        Code.TOO_LARGE,
        Code.UNKNOWN_FOLDER,
        Code.ALREADY_DESTROYED,
        Code.NOT_A_DEPOSIT,
        Code.LINK,
        Code.UNREADABLE,
        Code.SESSION_CLOSED,
        Code.TOO_MANY_FILES,
        Code.ATTESTATION_UNREADABLE,
        Code.ATTESTATION_INCOMPLETE,
        Code.ATTESTATION_CONFLICT,
    },
)
WARNING = frozenset(set(Code) - REFUSING - REVIEWING - NOT_TAKEN)


class Answer(StrEnum):
    """The five answers; the first that applies is given."""

    NOT_TAKEN = "not_taken"
    REFUSED = "refused"
    AWAITING_CONSENT = "awaiting_consent"
    TO_REVIEW = "to_review"
    RECEIVED = "received"
