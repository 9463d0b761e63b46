"""Retention's errors: one base, two families: what was asked is wrong, or something outside failed."""


class RetentionError(Exception):
    """Something retention will not do. The message says what failed and what to do next."""


class UnknownCalendarError(RetentionError):
    """No such calendar of public holidays: what was asked must change."""
