"""What can go wrong with telling people things, in two families by who is at fault."""


class NotificationsError(Exception):
    """Base of every error of this package; the message says what failed and what to do."""


class MailInvalidError(NotificationsError):
    """Our side is at fault: a value that may not stand in a mail. Sending it again will not help."""


class MailerUnavailableError(NotificationsError):
    """The outside is at fault: the mail was not taken, and may be sent again later.

    Attributes:
        code: a short name for logs and for the outbox row; never a name or an address.
        server: whether the server as a whole is out of reach, so that trying other mails now is useless.
    """

    def __init__(self, message: str, code: str, *, server: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.server = server


class RecipientRefusedError(NotificationsError):
    """The server refuses this mail for good (a 5xx answer); a person must correct the address or the server.

    Attributes:
        code: a short name for logs and for the outbox row; never a name or an address.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class SendUncertainError(NotificationsError):
    """The connection was lost after the whole mail was sent: it may have been taken. Never sent again by itself.

    Attributes:
        code: a short name for logs and for the outbox row; never a name or an address.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code
