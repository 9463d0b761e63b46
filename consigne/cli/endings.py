"""How dossiers and sessions end otherwise, from the command line: withdrawals, derogations, closures, sessions moved or cancelled."""

from typing import Annotated

import typer

from consigne import folders
from consigne.cli.common import a_date, centre, say, session_by
from consigne.cli.people import session_app
from consigne.cli.recording import Because, By, Heard, One, dossier_id, record, recording_of, suspending, two_people
from consigne.errors import WrongUseError
from consigne.wiring import Parts
from intake.derogating import derogate as grant
from registry import closures, postponing, sessions, withdrawals
from registry.clock import civil_date
from registry.database import Transaction
from registry.postponing import Postponed
from registry.states import RecordingState
from registry.tables import ClosureCause, Proposal

app = typer.Typer()
_PROPOSED = "proposed as {}: it is done once a second person has confirmed it (consigne confirm)"


@app.command("withdraw")
def withdraw(
    recording: Heard,
    reason: Because,
    undo: Annotated[bool, typer.Option("--undo", help="It was a slip: as long as nothing is destroyed.")] = False,
    by: By = None,
) -> None:
    """Record that the client withdrew the consent: nobody listens any more, at once."""
    with centre() as parts:
        one = recording_of(parts, recording, lambda _: True, "is left") if recording.startswith("rec_") else None
        about = one.dossier_id if one else dossier_id(parts, recording)
        if undo:
            back = record(parts, by, lambda tx, _: withdrawals.undo(tx, about, reason))
            say(f"{len(back)} recordings: the withdrawal is undone")
            return
        done = record(
            parts,
            by,
            lambda tx, _: suspending(parts).withdraw(tx, about, reason, recording_id=one.id if one else None, two_people=two_people(parts)),
        )
        folders.send_now(parts)
        for row in done.recordings:
            say(f"{row.id}: nobody can listen any more")
        if done.holds:
            say(f"kept by {', '.join(hold.id for hold in done.holds)}: the compliance officer decides")
        if done.waits:
            say("its destruction waits for a second person (consigne confirm)")


@app.command("derogate")
def derogate(recording: Heard, reason: Because, by: By = None) -> None:
    """Accept, in quarantine, a recording that software refused; the candidate is answered."""
    with centre() as parts:
        one = recording_of(parts, recording, lambda row: row.state is RecordingState.REJECTED, "is refused")
        done = record(parts, by, lambda tx, _: grant(tx, one.id, reason, parts.answering))
        folders.write_now(parts)
        say(f"{done.id}: {done.state}")


@app.command("close")
def close(
    dossier: One,
    reason: Because,
    cause: Annotated[ClosureCause | None, typer.Option(help="Why it ends without a decision.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Open it again, as long as nothing is destroyed.")] = False,
    by: By = None,
) -> None:
    """Close a dossier that ends without a decision: its recordings are silent at once, and destroyed a day later."""
    if (cause is None) != undo:
        raise WrongUseError("say why it ends (--cause absent or gave_up), or undo it (--undo)")
    with centre() as parts:
        one = dossier_id(parts, dossier)
        if cause is None:
            record(parts, by, lambda tx, _: closures.undo(tx, one, reason))
            say(f"{dossier}: open again")
            return
        done = record(parts, by, lambda tx, _: closures.close(tx, one, cause, reason, two_people=two_people(parts)))
        say(f"{dossier}: {_PROPOSED.format(done.id) if isinstance(done, Proposal) else f'closed, {cause}'}")


@session_app.command("cancel")
def cancel(
    code: Annotated[str, typer.Argument(metavar="SESSION")],
    reason: Because,
    undo: Annotated[bool, typer.Option("--undo", help="It takes place after all.")] = False,
    by: By = None,
) -> None:
    """Cancel a session that does not take place: its recordings are silent at once, and destroyed a day later."""
    with centre() as parts:
        one = _session(parts, code)
        if undo:
            record(parts, by, lambda tx, _: closures.undo_cancel(tx, one, reason))
            say(f"session {code}: it takes place after all")
            return
        done = record(parts, by, lambda tx, _: closures.cancel(tx, one, reason, two_people=two_people(parts)))
        say(f"session {code}: {_PROPOSED.format(done.id) if isinstance(done, Proposal) else 'cancelled'}")


@session_app.command("postpone")
def postpone(
    code: Annotated[str, typer.Argument(metavar="SESSION")],
    exam: Annotated[str, typer.Option("--exam", metavar="DATE", help="The new date of the exams.")],
    reason: Because,
    by: By = None,
) -> None:
    """Move a session: hearings and last day move with it, candidates are told, calls that are now too old are flagged."""
    with centre() as parts:
        one, day = _session(parts, code), a_date(exam, "--exam")

        def act(tx: Transaction, _old: bool) -> Postponed:  # noqa: FBT001 - what recording calls it with
            moved = postponing.postpone(tx, one, day, reason)
            tx.session.flush()
            for dossier in moved.dossiers:
                folders.open_for(parts, tx, sessions.file_of(tx.session, dossier))
            return moved

        moved = record(parts, by, act)
        folders.write_now(parts)
        say(f"session {code}: exams on {moved.session.exam_on}, recordings until {moved.session.deadline_on} included")
        if moved.session.deadline_on < civil_date(parts.clock.now()):
            typer.echo(f"consigne: {moved.session.deadline_on} has passed: every deposit will be late", err=True)
        for row in moved.too_old:
            typer.echo(f"consigne: {row.id}: its call is now too old; ask for another one, or keep it on your own responsibility", err=True)


def _session(parts: Parts, code: str) -> str:
    with parts.database.reading() as session:
        return session_by(session, code).id
