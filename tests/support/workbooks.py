"""Workbooks made on the spot, sound and hostile."""

import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Shaping = Callable[[Worksheet], None]


def workbook_bytes(rows: Sequence[Sequence[object]], shape: Shaping | None = None) -> bytes:
    """Return an ``.xlsx`` with these rows on its first sheet."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(list(row))
    if shape is not None:
        shape(sheet)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    """Return the same archive with one member more, or in place of another."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in source.infolist():
            if member.filename != name:
                copy.writestr(member, source.read(member))
        copy.writestr(name, content)
    return target.getvalue()
