"""The fillable attestation: one A4 page, an AcroForm (ISO 32000-1, 12.7) prefilled for one candidate.

Same facts, same bytes. No script, no action, nothing hidden. The fonts of the page are embedded; those of the fields are
among the fourteen that every reader has. What the candidate types is read back by ``consent.pdf``.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from consent.notices import Notice
from consent.words import ITEMS, ROLES, TOLD, WAYS
from registry.codes import Language
from registry.phrases import long_date, until
from registry.problems import Words

MARK = "consigne-attestation-1"
UNSET = "none"
READ_ONLY = ("form", "session", "candidate_reference", "client_reference")
_PLAIN, _BOLD = "Vera", "VeraBd"
_INK, _QUIET, _ACCENT, _PALE = HexColor("#1b2330"), HexColor("#56606e"), HexColor("#0b5a7a"), HexColor("#eef4f7")
_LEFT, _RIGHT = 18 * mm, A4[0] - 18 * mm
_FIELDS_AT = 78 * mm
_BODY = 9.2
_FIELD, _READ_FIELD, _BOX, _RADIO = 18, 14, 12, 15
_LATIN_1 = 0xFF
_TEXTS = {
    "title": Words("Attestation d’accord du client", "Attestation of the client’s agreement"),
    "why": Words(
        "L’enregistrement de votre appel ne peut être écouté que si votre client a donné son accord avant qu’il soit lancé, ou dès ses "
        "premiers mots. Remplissez cette page à l’écran, enregistrez-la (sans l’imprimer en PDF ni la numériser), puis laissez-la dans "
        "votre dossier, à côté du MP3. N’écrivez ni le nom de votre client ni celui de son entreprise.",
        "The recording of your call can only be listened to if your client agreed before it was started, or as its first words. Fill this "
        "page on screen, save it (do not print it to PDF, do not scan it), then leave it in your folder, beside the MP3. Write neither "
        "your client’s name nor his company’s.",
    ),
    "candidate": Words("Candidat, candidate", "Candidate"),
    "call": Words("1   L’appel", "1   The call"),
    "from": Words("à partir du {day} (moins d’un an avant votre passage)", "from {day} onwards (less than a year before your hearing)"),
    "consent": Words("2   L’accord de votre client", "2   Your client’s agreement"),
    "day": Words("jj/mm/aaaa", "dd/mm/yyyy"),
    "told": Words("J’ai dit à mon client :", "I told my client:"),
    "notice": Words("3   La notice et le client", "3   The notice and the client"),
    "choose": Words("choisissez", "choose"),
    "give": Words(
        "Donnez cette référence à votre client : elle lui suffit pour interroger le centre, sans que son nom soit noté.",
        "Give this reference to your client: it is enough for him to ask the centre, and his name is noted nowhere.",
    ),
    "attest": Words(
        "En déposant ce fichier, j’atteste que ce qui précède est exact.",
        "By depositing this file, I attest that the above is true.",
    ),
    "until": Words("À déposer {until}.", "To be deposited {until}."),
    "ask": Words("Une question : {contact}", "A question: {contact}"),
}


@dataclass(frozen=True, slots=True)
class Prefill:
    """What the page shows of one dossier. ``contact`` is the coordinator's name and mail, as one line."""

    session: str
    certification: str
    candidate_reference: str
    candidate_name: str
    client_reference: str
    earliest_call: date
    deadline: date
    contact: str
    notices: tuple[Notice, ...]
    language: Language = Language.FR


def write_attestation(prefill: Prefill) -> bytes:
    """Return the PDF prefilled for one candidate. The same facts give the same bytes."""
    _glyphs()
    target = BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1, pageCompression=1, lang=str(prefill.language))
    page = _Page(canvas, prefill)
    canvas.setTitle(page.say("title"))
    canvas.setSubject(MARK)
    canvas.setCreator("Consigne")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    page.draw()
    canvas.showPage()
    canvas.save()
    return target.getvalue()


@cache
def _glyphs() -> frozenset[int]:
    """Register the fonts once, and return the characters that the plain one has."""
    plain = TTFont(_PLAIN, f"{_PLAIN}.ttf")
    registerFont(plain)
    registerFont(TTFont(_BOLD, f"{_BOLD}.ttf"))
    return frozenset(plain.face.charToGlyph)


def drawable(text: str) -> str:
    """Return a text with glyphs that the embedded font has: narrow spaces widened, other letters without their marks."""
    glyphs = _glyphs()
    drawn = []
    for letter in unicodedata.normalize("NFC", text.replace("\u202f", "\u00a0")):
        bare = unicodedata.normalize("NFKD", letter)[0]
        drawn.append(next((choice for choice in (letter, bare) if ord(choice) in glyphs), "?"))
    return "".join(drawn)


def _in_field(text: str) -> str:
    """Return a text that reportlab can draw in a field: Latin-1, straight apostrophes."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    bare = "".join(unicodedata.normalize("NFKD", letter)[0] if ord(letter) > _LATIN_1 else letter for letter in plain)
    return bare.encode("latin-1", "replace").decode("latin-1")


def _points(length: float) -> int:
    return round(length)


class _Page:
    """Draws from the top down; ``y`` is where the next thing goes."""

    def __init__(self, canvas: Canvas, prefill: Prefill) -> None:
        self.canvas, self.prefill = canvas, prefill
        self.y = A4[1] - 24 * mm

    def say(self, key: str, **values: str) -> str:
        return _TEXTS[key].text(self.prefill.language).format(**values)

    def item(self, key: str) -> str:
        return ITEMS[key].text(self.prefill.language)

    def draw(self) -> None:
        self._head()
        self._call()
        self._consent()
        self._notice()
        self._foot()

    def _head(self) -> None:
        self._line(self.prefill.certification, size=9, color=_QUIET)
        self.y -= 3 * mm
        self._line(self.say("title"), font=_BOLD, size=17, color=_ACCENT)
        self.y -= 4 * mm
        self._paragraph(self.say("why"))
        self.y -= 1 * mm
        self.canvas.setFillColor(_PALE)
        self.canvas.roundRect(_LEFT, self.y - 23 * mm, _RIGHT - _LEFT, 24 * mm, 6, stroke=0, fill=1)
        self.y -= 5 * mm
        self._labelled(self.say("candidate"), self.prefill.candidate_name)
        for key, value in (("session", self.prefill.session), ("candidate_reference", self.prefill.candidate_reference)):
            self._label(self.item(key))
            self._text_field(key, value, x=_FIELDS_AT, width=86 * mm, read_only=True)
            self.y -= 7.5 * mm
        self.y -= 7 * mm

    def _call(self) -> None:
        self._section("call")
        self._label(self.item("call_date"))
        self._text_field("call_date", x=_FIELDS_AT, width=42 * mm)
        self._small(self.say("day"), _FIELDS_AT + 45 * mm)
        self.y -= 6.5 * mm
        self._small(self.say("from", day=long_date(self.prefill.earliest_call, self.prefill.language)), _FIELDS_AT)
        self.y -= 7.5 * mm
        self._label(self.item("call_time"))
        self._text_field("call_time", x=_FIELDS_AT, width=42 * mm)
        self._small("14:30", _FIELDS_AT + 45 * mm)
        self.y -= 13 * mm

    def _consent(self) -> None:
        self._section("consent")
        self._label(self.item("given_on"))
        self._text_field("given_on", x=_FIELDS_AT, width=42 * mm)
        self._small(self.say("day"), _FIELDS_AT + 45 * mm)
        self.y -= 9 * mm
        self._label(self.item("way"))
        for way, words in WAYS.items():
            label = words.text(self.prefill.language)
            self.canvas.acroForm.radio(
                name="way",
                value=way.value,
                tooltip=self.item("way"),
                fieldFlags="radio noToggleToOff",
                x=_points(_FIELDS_AT) - 1,
                y=_points(self.y - 1.6 * mm),
                size=_RADIO,
                borderWidth=1,
                borderColor=_QUIET,
                fillColor=white,
                textColor=_ACCENT,
            )
            self._small(label, _FIELDS_AT + 7 * mm, size=_BODY, color=_INK)
            self.y -= 7 * mm
        self.y -= 1.5 * mm
        self._label(self.say("told"))
        for name, words in TOLD.items():
            label = words.text(self.prefill.language)
            self.canvas.acroForm.checkbox(
                name=name,
                tooltip=f"{self.say('told')} {label}",
                fieldFlags="",
                x=_points(_FIELDS_AT),
                y=_points(self.y - 1.1 * mm),
                size=_BOX,
                borderWidth=1,
                borderColor=_QUIET,
                fillColor=white,
                textColor=_ACCENT,
            )
            self._small(label, _FIELDS_AT + 7 * mm, size=_BODY, color=_INK)
            self.y -= 7 * mm
        self.y -= 6 * mm

    def _notice(self) -> None:
        self._section("notice")
        notices = [(notice.title.text(self.prefill.language), notice.id) for notice in self.prefill.notices]
        self._choice("notice_id", notices)
        self._choice("client_role", [(words.text(self.prefill.language), role.value) for role, words in ROLES.items()])
        self._label(self.item("client_reference"))
        self._text_field("client_reference", self.prefill.client_reference, x=_FIELDS_AT, width=42 * mm, read_only=True)
        self.y -= 8 * mm
        self._paragraph(self.say("give"))
        self.y -= 3 * mm

    def _foot(self) -> None:
        self._line(self.say("attest"), font=_BOLD, size=_BODY)
        self.y -= 2.5 * mm
        self._line(self.say("until", until=until(self.prefill.deadline, self.prefill.language)), size=_BODY)
        self._line(self.say("ask", contact=self.prefill.contact), size=_BODY)
        self.y = 12 * mm
        self._small(MARK, _LEFT, size=6.5)
        self._text_field("form", MARK, x=_RIGHT - 45 * mm, width=45 * mm, read_only=True)

    def _section(self, key: str) -> None:
        self.canvas.setStrokeColor(_ACCENT)
        self.canvas.setLineWidth(0.8)
        self.canvas.line(_LEFT, self.y + 6 * mm, _RIGHT, self.y + 6 * mm)
        self._line(self.say(key), font=_BOLD, size=11, color=_ACCENT)
        self.y -= 5 * mm

    def _line(self, text: str, *, font: str = _PLAIN, size: float = _BODY, color: Color = _INK) -> None:
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(color)
        self.canvas.drawString(_LEFT, self.y, drawable(text))
        self.y -= size * 1.35

    def _paragraph(self, text: str) -> None:
        line = ""
        for word in drawable(text).split(" "):
            longer = f"{line} {word}".strip()
            if stringWidth(longer, _PLAIN, _BODY) > _RIGHT - _LEFT:
                self._line(line)
                longer = word
            line = longer
        self._line(line)

    def _label(self, text: str) -> None:
        self.canvas.setFont(_PLAIN, _BODY)
        self.canvas.setFillColor(_INK)
        self.canvas.drawString(_LEFT + 3 * mm, self.y, drawable(text))

    def _labelled(self, label: str, value: str) -> None:
        self._label(label)
        self.canvas.setFont(_BOLD, _BODY + 0.8)
        self.canvas.drawString(_FIELDS_AT + 0.5 * mm, self.y, drawable(value))
        self.y -= 7.5 * mm

    def _small(self, text: str, x: float, *, size: float = 8, color: Color = _QUIET) -> None:
        self.canvas.setFont(_PLAIN, size)
        self.canvas.setFillColor(color)
        self.canvas.drawString(x, self.y, drawable(text))

    def _text_field(self, name: str, value: str = "", *, x: float, width: float, read_only: bool = False) -> None:
        plain = name == "form"
        self.canvas.acroForm.textfield(
            name=name,
            value=value,
            tooltip=self.item(name) if name in ITEMS else name,
            x=_points(x),
            y=_points(self.y - (1.2 if read_only else 1.9) * mm),
            width=_points(width),
            height=_READ_FIELD if read_only else _FIELD,
            fontName="Helvetica",
            fontSize=7 if plain else 10,
            borderWidth=0 if read_only else 1,
            borderColor=None if read_only else _QUIET,
            fillColor=None if read_only else white,
            textColor=_QUIET if plain else _INK,
            maxlen=40,
            fieldFlags="readOnly" if read_only else "",
        )

    def _choice(self, name: str, options: list[tuple[str, str]]) -> None:
        """Draw a choice with nothing chosen: which notice was read is for the candidate to say, even where there is only one."""
        self._label(self.item(name))
        shown = [(self.say("choose"), UNSET), *options]
        self.canvas.acroForm.choice(
            name=name,
            value=UNSET,
            tooltip=self.item(name),
            options=[(_in_field(label), value) for label, value in shown],
            x=_points(_FIELDS_AT),
            y=_points(self.y - 1.9 * mm),
            width=_points(86 * mm),
            height=_FIELD,
            fontName="Helvetica",
            fontSize=10,
            borderWidth=1,
            borderColor=_QUIET,
            fillColor=white,
            textColor=_INK,
            fieldFlags="combo",
        )
        self.y -= 9 * mm
