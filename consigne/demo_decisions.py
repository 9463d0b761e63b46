"""What the staff of the demonstration records: the review, the jury's decisions by workbook, the letters, an appeal and its end."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from openpyxl import load_workbook
from sqlmodel import select

from consigne.demo_parts import DemoParts
from consigne.wiring import Parts
from intake import reviewing
from registry import decisions, notifying, outcomes, sessions
from registry.appeals import Contested
from registry.clock import civil_date
from registry.decision_sheet import decisions_workbook, read_decisions
from registry.notifying import Said
from registry.sessions import File
from registry.tables import AppealOutcome, Channel, Proof, Recording, User
from registry.versions import Change
from retention.suspending import Suspending
from sharing import grants, posting

_WRITTEN = {
    "decided_on": "Date de décision",
    "channel": "Mode d’envoi",
    "sent_on": "Envoyé le",
    "handed_over_on": "Remis le",
    "proof": "Preuve",
}


@dataclass(frozen=True)
class Desk:
    """The desk of one member of the staff, who answers for what is recorded there."""

    user_id: str

    def send_link_to_review(self, parts: Parts, recording: Recording) -> None:
        """Have the link sent to a recording that awaits a review."""
        with parts.database.transaction(parts.clock.now(), self.user_id) as tx:
            posting.to_review(tx, parts.centre, tx.session.get_one(User, self.user_id), recording)

    def refuse(self, parts: Parts, recording_id: str, reason: str) -> None:
        """Refuse a recording, having heard it."""
        with parts.database.transaction(parts.clock.now(), self.user_id) as tx:
            reviewing.review(tx, recording_id, reviewing.Decision.REFUSE, reason, parts.answering)

    def assign(self, parts: Parts, files: Sequence[File], recording_ids: Sequence[str]) -> str:
        """Enrol a member of the committee, and give him recordings; return his identifier."""
        with parts.database.transaction(parts.clock.now(), self.user_id) as tx:
            made = grants.enrol(tx, name="Dominique Valade", mail="dominique.valade@cte.example", employer="Cabinet Valade")
            tx.session.flush()
            given = [
                grants.assign(tx, made.id, one, grants.window(file.dossier.hearing_at, tx.now)).grant
                for file, one in zip(files, recording_ids, strict=True)
            ]
            tx.session.flush()
            posting.available(tx, parts.centre, given)
        return made.id

    def take_sheet(self, parts: Parts, code: str, workbook: bytes) -> list[Change]:
        """Record what a workbook says of a session's decisions and letters, as ``decide --session`` does."""
        return [self._take(parts, f"{code}/{line.reference}", line.decided_on, line.said) for line in read_decisions(workbook).lines]

    def _take(self, parts: Parts, key: str, decided_on: date | None, said: Said) -> Change:
        with parts.database.transaction(parts.clock.now(), self.user_id) as tx:
            file = sessions.dossier_by(tx.session, key)
            assert file is not None
            change = Change.UNCHANGED
            if decided_on is not None:
                change = decisions.record(tx, file.dossier.id, decided_on).change
                tx.session.flush()
            return notifying.record(tx, file.dossier.id, said).change if said else change

    def contest(self, parts: DemoParts, dossier_id: str, postmark_on: date) -> Contested:
        """Record an appeal that came today."""
        now = parts.clock.now()
        with parts.database.transaction(now, self.user_id) as tx:
            suspending = Suspending(parts.centre, parts.settings.retention.choices)
            return suspending.contest(tx, dossier_id, received_on=civil_date(now), postmark_on=postmark_on)

    def rule(self, parts: DemoParts, appeal_id: str) -> None:
        """Record that the appeal was rejected today: a new decision."""
        now = parts.clock.now()
        with parts.database.transaction(now, self.user_id) as tx:
            outcomes.conclude(tx, appeal_id, AppealOutcome.REJECTED, civil_date(now), "La commission a statué.")

    def hand_over(self, parts: DemoParts, dossier_id: str) -> None:
        """Record a letter that was sent three days ago and handed over yesterday."""
        now = parts.clock.now()
        today = civil_date(now)
        said = Said(Channel.REGISTERED_LETTER, today - timedelta(days=3), today - timedelta(days=1), Proof.HANDED_OVER)
        with parts.database.transaction(now, self.user_id) as tx:
            notifying.record(tx, dossier_id, said)


def staff(parts: Parts, mail: str) -> Desk:
    """Return the desk of the member of the staff who has this address."""
    with parts.database.reading() as session:
        return Desk(session.exec(select(User.id).where(User.mail == mail)).one())


def fill_sheet(path: Path, references: Sequence[str], decided: Sequence[str], cells: Mapping[str, str | date]) -> bytes:
    """Fill in the template of a session's decisions as a coordinator does in Excel, and save it."""
    book = load_workbook(io.BytesIO(decisions_workbook(references)))
    sheet = book.worksheets[0]
    titles = {str(title): column for column, title in enumerate(next(sheet.iter_rows(max_row=1, values_only=True)), 1)}
    rows = {str(cells[0]): row for row, cells in enumerate(sheet.iter_rows(min_row=2, values_only=True), 2)}
    for reference in decided:
        for key, value in cells.items():
            sheet.cell(rows[reference], titles[_WRITTEN[key]], value)
    book.save(path)
    return path.read_bytes()
