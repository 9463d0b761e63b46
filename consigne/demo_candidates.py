"""The twelve candidates of the demonstration, as the coordinator's workbook lists them. The people are invented."""

import io
from datetime import date

from openpyxl import Workbook

_HEADER = (
    "Référence",
    "Civilité",
    "Nom",
    "Prénom",
    "Courriel",
    "Employeur",
    "Département",
    "Date de passage",
    "Heure de passage",
    "Langue",
)
_PEOPLE = (
    ("Mme", "Abadie", "Louise"),
    ("M.", "Berthier", "Karim"),
    ("Mme", "Chauvet", "Inès"),
    ("M.", "Delmas", "Hugo"),
    ("Mme", "Estève", "Awa"),
    ("M.", "Faure", "Jules"),
    ("Mme", "Garnier", "Maëlle"),
    ("M.", "Hébrard", "Yanis"),
    ("Mme", "Imbert", "Chloé"),
    ("M.", "Jourdan", "Théo"),
    ("Mme", "Keller", "Nora"),
    ("M.", "Lacombe", "Élie"),
)
_ENGLISH = 12  # the last one reads English


def references() -> list[str]:
    """Return the references, in the order of the deposits."""
    return [f"CE-{number:03d}" for number in range(1, len(_PEOPLE) + 1)]


def workbook(hearing: date) -> bytes:
    """Write the list as a coordinator does, in Excel: real dates, French headers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(_HEADER))
    for number, (reference, (civility, family, given)) in enumerate(zip(references(), _PEOPLE, strict=True), start=1):
        department = "67" if number % 4 == 0 else "75"
        language = "en" if number == _ENGLISH else "fr"
        mail = f"candidat{number:02d}@exemple.example"
        time = f"{9 + number // 4:02d}h{15 * (number % 4):02d}"
        sheet.append([reference, civility, family, given, mail, f"GPS {1 + number % 3}", department, hearing, time, language])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
