"""Mail addresses, as every server takes them: one address, without a name, in ASCII. What is not one never enters the registry."""

import re

from registry.errors import RefusedError

_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}",
)
_LONGEST, _LONGEST_LOCAL = 254, 64


def is_address(text: str) -> bool:
    """Tell whether a text is one mail address that any server takes (RFC 5321, without its quoted forms)."""
    return _ADDRESS.fullmatch(text) is not None and len(text) <= _LONGEST and text.index("@") <= _LONGEST_LOCAL


def checked(text: str) -> str:
    """Return an address without the spaces around it.

    Raises:
        RefusedError: it is not one.
    """
    address = text.strip()
    if not is_address(address):
        raise RefusedError(f"{address!r} is not a mail address: write it as name@example.org")
    return address
