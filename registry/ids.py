"""Random identifiers. They say nothing about the person or thing they name."""

import secrets


def new_id(prefix: str) -> str:
    """Make an identifier such as ``rec_5f0c…``: a short prefix and 128 random bits in hexadecimal."""
    return f"{prefix}_{secrets.token_hex(16)}"
