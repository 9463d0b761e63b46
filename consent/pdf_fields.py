"""The fields of a PDF form, flat, each with its value; refuses what a form of ours never has."""

from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject

from consent.errors import ConsentError
from consent.faults import ConsentFault

_MAX_FIELDS, _MAX_DEPTH = 60, 4
_HIDING = 0b10_0011  # invisible, hidden, no view (ISO 32000-1, table 165)
_SMALLEST = 4.0  # points: a field of ours is never smaller on any side
_FORM_ACTIONS = ("/XFA",)
_ROOT_ACTIONS = ("/AA",)
_NAMED = ("/JavaScript", "/EmbeddedFiles")


class AlteredError(ConsentError):
    """The form is not as we wrote it: which field, and whether it acts."""

    def __init__(self, field: str, fault: ConsentFault = ConsentFault.ALTERED) -> None:
        super().__init__(f"{fault}: {field}")
        self.field, self.fault = field, fault


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type (``/Tx``, ``/Btn``, ``/Ch``), its value as text, and the (export, label) pairs of a choice."""

    kind: str
    value: str
    options: tuple[tuple[str, str], ...] = ()

    def export(self) -> str:
        """Return the value that we gave the chosen option, also where a reader saved its label."""
        exports = [export for export, label in self.options if self.value == label and self.value not in dict(self.options)]
        return exports[0] if len(exports) == 1 else self.value


def refuse_active_content(reader: PdfReader) -> None:
    """Refuse scripts, actions, attachments and dynamic forms.

    Raises:
        AlteredError: there is one.
    """
    root = reader.root_object
    names = _dictionary(root.get("/Names"))
    form = _dictionary(root.get("/AcroForm"))
    opening = _dictionary(root.get("/OpenAction"))
    acts = (
        any(key in root for key in _ROOT_ACTIONS)
        or any(key in names for key in _NAMED)
        or any(key in form for key in _FORM_ACTIONS)
        or opening.get("/S", "/GoTo") != "/GoTo"
        or any("/AA" in page for page in reader.pages)
    )
    if acts:
        raise AlteredError("", ConsentFault.ACTIVE_CONTENT)


def read_fields(reader: PdfReader) -> dict[str, Field]:
    """Return the fields by name; none for a PDF without a form.

    Raises:
        AlteredError: a name twice, a hidden field, an action, or too many.
    """
    found: dict[str, Field] = {}
    roots = _array(_dictionary(reader.root_object.get("/AcroForm")).get("/Fields"))
    for number, (name, field) in enumerate(_walk(roots, "", 0)):
        if number >= _MAX_FIELDS or name in found:
            raise AlteredError(name)
        found[name] = _field(name, field)
    return found


def _walk(kids: ArrayObject, parent: str, depth: int) -> Iterator[tuple[str, DictionaryObject]]:
    if depth > _MAX_DEPTH or len(kids) > _MAX_FIELDS:
        raise AlteredError(parent)
    for kid in kids:
        field = _dictionary(kid)
        name = ".".join(filter(None, (parent, str(field.get("/T", "")))))
        named = [one for one in _array(field.get("/Kids")) if "/T" in _dictionary(one)]
        if named:
            yield from _walk(ArrayObject(named), name, depth + 1)
        else:
            yield name, field


def _field(name: str, field: DictionaryObject) -> Field:
    widgets = [_dictionary(kid) for kid in _array(field.get("/Kids"))] or [field]
    for part in (field, *widgets):
        if "/A" in part or "/AA" in part:
            raise AlteredError(name, ConsentFault.ACTIVE_CONTENT)
    if any(_hidden(widget) for widget in widgets):
        raise AlteredError(name)
    kind = str(field.get("/FT", ""))
    value = _text(field.get("/V"))
    if kind == "/Btn":
        value = value.removeprefix("/")
        _refuse_other_look(name, value, widgets)
    return Field(kind, value.strip(), _options(field))


def _hidden(widget: DictionaryObject) -> bool:
    box = [float(str(side)) for side in _array(widget.get("/Rect"))]
    small = len(box) != len("xyxy") or abs(box[2] - box[0]) < _SMALLEST or abs(box[3] - box[1]) < _SMALLEST
    return small or bool(int(str(widget.get("/F", 0))) & _HIDING)


def _refuse_other_look(name: str, value: str, widgets: list[DictionaryObject]) -> None:
    """Refuse a box that shows something else than its value."""
    states = {str(widget["/AS"]).removeprefix("/") for widget in widgets if "/AS" in widget} - {"Off"}
    if states and states != {value}:
        raise AlteredError(name)
    if value not in {"", "Off"} and not states and any("/AS" in widget for widget in widgets):
        raise AlteredError(name)


def _options(field: DictionaryObject) -> tuple[tuple[str, str], ...]:
    pairs = []
    for option in _array(field.get("/Opt"))[:_MAX_FIELDS]:
        both = option.get_object()
        texts = [_text(one) for one in both] if isinstance(both, ArrayObject) else [_text(both)]
        if texts:
            pairs.append((texts[0], texts[-1]))
    return tuple(pairs)


def _text(value: PdfObject | None) -> str:
    plain = None if value is None else value.get_object()
    if isinstance(plain, ArrayObject):
        plain = plain[0].get_object() if len(plain) == 1 else None
    return "" if plain is None else str(plain)


def _dictionary(value: PdfObject | None) -> DictionaryObject:
    plain = None if value is None else value.get_object()
    return plain if isinstance(plain, DictionaryObject) else DictionaryObject()


def _array(value: PdfObject | None) -> ArrayObject:
    plain = None if value is None else value.get_object()
    return plain if isinstance(plain, ArrayObject) else ArrayObject()
