"""Retention's errors: one base, two families: what was asked is wrong, or something outside failed."""


class RetentionError(Exception):
    """Something retention will not do. The message says what failed and what to do next."""


class UnknownCalendarError(RetentionError):
    """No such calendar of public holidays: what was asked must change."""


class CertificateRefusedError(RetentionError):
    """What was given cannot be a certificate, or part of one: what was asked must change."""


class AnchorError(RetentionError):
    """The journal and what is kept outside of it contradict each other, or a part is missing: a person must look."""


class BackupError(RetentionError):
    """A backup cannot be made there, is not whole, or does not fit: what was asked must change."""


class RestoreRefusedError(RetentionError):
    """What is there cannot be put together into one centre: a person must look before anything goes on."""
