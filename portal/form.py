"""Reading a posted form: URL-encoded fields, few and short. Refuses everything else."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

_MEDIA_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS, _LONGEST = 40, 200


@dataclass(frozen=True)
class Form:
    """The fields of one form, as typed: printable characters only, none longer than 200."""

    values: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return what was typed, without the spaces around it; empty when nothing was."""
        return self.values.get(name, "").strip()

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return self.values.get(name) == "1"


async def read_form(request: Request) -> Form:
    """Read the body of a request, which the guard has bounded already.

    Raises:
        HTTPException: 415 for another media type, 400 for what is not a form or has too many fields.
    """
    body = await request.body()
    if body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise HTTPException(415)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise HTTPException(400) from error
    return Form({name: _printable(value)[:_LONGEST] for name, value in reversed(pairs)})  # said twice, the first counts


def _printable(value: str) -> str:
    return "".join(letter for letter in value if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
