"""Appeals and holds from the command line."""

from typing import Annotated

import typer

from consigne import folders
from consigne.cli.common import a_date, centre, dossier_by, say, say_json, session_by
from consigne.cli.recording import Because, By, Why, YesOld, record, suspending, two_people
from consigne.errors import RefusedHereError, WrongUseError
from consigne.wiring import Parts
from registry import appeals, holds, outcomes, recourse_checks
from registry.appeals import Contested
from registry.tables import Appeal, AppealOutcome, HoldReason, HoldScope, Proposal

app = typer.Typer()
_TOO_LATE = "destruction had begun: this stops nothing, and is on record as an incident"


@app.command("appeal")
def appeal(
    about: Annotated[str, typer.Argument(metavar="SESSION/REFERENCE|APPEAL")],
    received: Annotated[str | None, typer.Option(metavar="DATE", help="When it was received.")] = None,
    postmark: Annotated[str | None, typer.Option(metavar="DATE", help="The postmark.")] = None,
    outcome: Annotated[AppealOutcome | None, typer.Option(help="How it ended.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="When it ended: of a ruling, the day of the new decision.")] = None,
    correct: Annotated[bool, typer.Option("--correct", help="The days of an appeal on record were wrong.")] = False,
    reason: Why = None,
    yes_old: YesOld = False,
    by: By = None,
) -> None:
    """Record an appeal, which suspends destruction; correct it; or record how it ended. Exit 1 when destruction had begun."""
    ends, dated = outcome is not None and on is not None, received is not None or postmark is not None
    if (outcome is None) != (on is None) or ends == dated or (ends and correct):
        raise WrongUseError("give --received DATE (and --postmark DATE), or --outcome with --on DATE")
    received_on = a_date(received, "--received") if received else None
    postmark_on = a_date(postmark, "--postmark") if postmark else None
    with centre() as parts:
        if outcome is not None and on is not None:
            _conclude(parts, about, outcome, on, reason, by, yes_old=yes_old)
            return
        if correct:
            if reason is None:
                raise WrongUseError("say why the days change (--reason)")
            one = _open_one(parts, about)
            with parts.database.reading() as session:
                last_day = suspending(parts).last_day(session, one.dossier_id)
            record(
                parts,
                by,
                lambda tx, old: appeals.correct(
                    tx, one.id, reason, received_on=received_on, postmark_on=postmark_on, last_day=last_day, old_meant=old
                ),
                old_meant=yes_old,
            )
            say(f"appeal {one.id}: corrected")
            return
        if received_on is None:
            raise WrongUseError("say when the appeal was received (--received)")
        with parts.database.reading() as session:
            dossier_id = dossier_by(session, about).dossier.id
        done = record(
            parts,
            by,
            lambda tx, old: suspending(parts).contest(
                tx, dossier_id, received_on=received_on, postmark_on=postmark_on, old_meant=old, note=reason
            ),
            old_meant=yes_old,
        )
        folders.send_now(parts)
        _say_contested(done)


def _say_contested(done: Contested) -> None:
    if done.appeal.incident:
        typer.echo(f"consigne: {_TOO_LATE} ({', '.join(done.destructions)})", err=True)
        say(f"appeal {done.appeal.id}: recorded as an incident")
        raise typer.Exit(1)
    timely = {True: "in time", False: "out of time", None: "no delay to compare it with"}[done.appeal.in_time]
    say(f"appeal {done.appeal.id}: recorded, {timely}; destruction is suspended ({done.hold.id if done.hold else ''})")


def _conclude(parts: Parts, about: str, outcome: AppealOutcome, on: str, reason: str | None, by: str | None, *, yes_old: bool) -> None:
    if reason is None:
        raise WrongUseError("say what the outcome rests on (--reason)")
    one, day, two = _open_one(parts, about), a_date(on, "--on"), two_people(parts)
    done = record(
        parts,
        by,
        lambda tx, old: outcomes.conclude(tx, one.id, outcome, day, reason, two_people=two, old_meant=old),
        old_meant=yes_old,
    )
    if done.closed_at is None:
        say(f"appeal {done.id}: {outcome}; it stays open until a second person has confirmed it (consigne confirm)")
    else:
        say(f"appeal {done.id}: {outcome}; its hold is released, and nothing is destroyed before it was announced again")


def _open_one(parts: Parts, about: str) -> Appeal:
    """Find an appeal by its id, or the only open one of a dossier."""
    with parts.database.reading() as session:
        if about.startswith("app_"):
            found = session.get(Appeal, about)
            if found is None:
                raise RefusedHereError(f"no appeal is known under {about}: check the identifier")
            return found
        still = appeals.open_ones(session, dossier_by(session, about).dossier.id)
    if len(still) != 1:
        told = f"several are open: name one by its id, {', '.join(one.id for one in still)}" if still else "no appeal is open"
        raise RefusedHereError(f"{about}: {told}")
    return still[0]


@app.command("recourse")
def recourse(
    code: Annotated[str, typer.Argument(metavar="SESSION")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="By the end of this day.")],
    reason: Because,
    by: By = None,
) -> None:
    """Record a named person's word that the commission had received no appeal about a session, where the centre asks for that."""
    with centre() as parts:
        with parts.database.reading() as session:
            one = session_by(session, code).id
        day, two = a_date(as_of, "--as-of"), two_people(parts)
        done = record(parts, by, lambda tx, _: recourse_checks.record(tx, one, day, reason, two_people=two))
        more = f"; proposed as {done.id}, it counts once a second person has confirmed it" if isinstance(done, Proposal) else ""
        say(f"session {code}: no appeal received as of {day}{more}")


@app.command("hold")
def hold(
    target: Annotated[str | None, typer.Argument(metavar="RECORDING|SESSION/REFERENCE|SESSION|all")] = None,
    why: Annotated[HoldReason | None, typer.Option("--why", help="What for; an appeal places its own.")] = None,
    review: Annotated[str | None, typer.Option("--review", metavar="DATE", help="When somebody looks at it again.")] = None,
    reason: Why = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    by: By = None,
) -> None:
    """Suspend destruction; without a target, list the holds that stand. Exit 1 when destruction had begun."""
    with centre() as parts:
        if target is None:
            _list(parts, as_json=as_json)
            return
        if why is None or reason is None:
            raise WrongUseError("say what for (--why), why in words (--reason), and when it is looked at again (--review)")
        scope, target_id = _scope(parts, target)
        day = a_date(review, "--review") if review else None
        done = record(parts, by, lambda tx, _: holds.place(tx, scope, target_id, why, reason, review_on=day))
        if done.hold is not None:
            say(f"hold {done.hold.id}: destruction is suspended")
        if done.too_late:
            typer.echo(f"consigne: {', '.join(done.too_late)}: {_TOO_LATE}", err=True)
            raise typer.Exit(1)


@app.command("release")
def release(hold: Annotated[str, typer.Argument(metavar="HOLD")], reason: Because, by: By = None) -> None:
    """Release a hold. Nothing is destroyed by that: dates are reckoned again, and announced."""
    with centre() as parts:
        done = record(parts, by, lambda tx, _: holds.release(tx, hold, reason))
        say(f"hold {done.id}: released")


def _list(parts: Parts, *, as_json: bool) -> None:
    with parts.database.reading() as session:
        for one in holds.standing(session):
            told = {
                "hold_id": one.id,
                "scope": str(one.scope),
                "target_id": one.target_id,
                "reason": str(one.reason),
                "appeal_id": one.appeal_id,
                "review_on": one.review_on,
                "placed_at": one.placed_at,
                "placed_by": one.placed_by,
            }
            say_json(told) if as_json else say(f"{one.id}  {one.reason}  {one.scope} {one.target_id or ''}  review {one.review_on or '-'}")


def _scope(parts: Parts, target: str) -> tuple[HoldScope, str | None]:
    if target == "all":
        return HoldScope.ALL, None
    if target.startswith("rec_"):
        return HoldScope.RECORDING, target
    with parts.database.reading() as session:
        if "/" in target or target.startswith("dos_"):
            return HoldScope.DOSSIER, dossier_by(session, target).dossier.id
        return HoldScope.SESSION, session_by(session, target).id
