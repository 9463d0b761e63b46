"""The errors of this package: ours, or those of whoever wrote the file."""


class ConsentError(Exception):
    """Base of what this package raises."""


class RecordError(ConsentError):
    """A stored or transmitted record is not one that this package wrote: tampering, or a fault of ours."""


class NoticeError(ConsentError):
    """A notice's file is wrong: the centre's to correct, before anything starts."""
