"""What is due, the lists that wait for a person, and the destructions themselves, from the command line."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from consigne.cli.common import a_date, actor, attached, centre, say, say_json
from consigne.cli.people import By
from consigne.errors import RefusedHereError, WrongUseError
from consigne.wiring import Parts
from journal import log
from registry.clock import PARIS
from registry.tables import DisposalRun
from retention import due as dues
from retention import guards, runs
from retention.clock import end_of
from retention.gate import Outcome
from retention.runs import Listed

app = typer.Typer()

_REMEDY = {
    "clock_doubtful": "the clock is not believed: “consigne vouch” where a person knows better",
    "not_announced": "its notice has not been out long enough",
    "not_approved": "a person must approve it: “consigne approve”",
    "daily_limit": "more than one day may destroy: “consigne approve”",
}


@app.command("due")
def due(
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The end of that day, in Paris; now by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List what may be destroyed at a date, why, and what holds it back."""
    with centre() as parts:
        at = _instant(parts, as_of)
        choices = parts.settings.retention.choices
        dues.recompute(parts.database, choices)
        with parts.database.reading() as session:
            found = dues.due(session, at, choices)
        if as_json:
            say_json({"as_of": at.isoformat(), "recordings": [one.to_json() for one in found]})
            return
        for one in found:
            held = f"  held by {', '.join(one.held_by)}" if one.held_by else ""
            say(f"{one.recording_id}  {one.dossier_id}  {one.cause}  from {one.eligible_at.astimezone(PARIS):%Y-%m-%d %H:%M}{held}")
        say(f"{len(found)} due at {at.astimezone(PARIS):%Y-%m-%d %H:%M}, {sum(1 for one in found if one.held_by)} of them held")


def _instant(parts: Parts, as_of: str | None) -> datetime:
    """Return the last instant of a day, or now."""
    return parts.clock.now() if as_of is None else end_of(a_date(as_of, "--as-of")) - timedelta(microseconds=1)


@app.command("destroy")
def destroy(
    all_due: Annotated[bool, typer.Option("--due", help="Everything that is due, announced and, where asked, approved.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be destroyed.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Destroy what is due, through the gate; or show what a run would do."""
    if not all_due:
        raise WrongUseError("only what is due is destroyed: give --due, and --dry-run to look first")
    with centre() as parts:
        if dry_run:
            _show(parts, as_json=as_json)
            return
        with attached(parts):
            swept = parts.destroyer().sweep()
        for one in swept.ended:
            if as_json:
                say_json({"recording_id": one.recording_id, "outcome": one.outcome, "why": one.why})
            else:
                say(f"{one.recording_id}  {one.outcome}{f'  {_REMEDY.get(one.why, one.why)}' if one.why else ''}")
        _say_unless(as_json, f"{len(swept.of(Outcome.DESTROYED))} destroyed, each with its certificate")
        if swept.doubt is not None:
            raise RefusedHereError(
                f"the clock is not believed ({swept.doubt}): nothing new was begun; keep the machine in time (NTP), "
                "set [clock] reference_url, or have a person say that today is the right day: “consigne vouch --by MAIL”"
            )
        if swept.of(Outcome.FAILED):
            raise typer.Exit(3)


def _say_unless(quiet: bool, line: str) -> None:  # noqa: FBT001 - a flag passed on
    """Print a line for people, where no document was asked for."""
    if not quiet:
        say(line)


def _show(parts: Parts, *, as_json: bool) -> None:
    choices, now = parts.settings.retention.choices, parts.clock.now()
    dues.recompute(parts.database, choices)
    with parts.database.reading() as session:
        plan = runs.plan(session, choices, now)
    lists = {"automatic": plan.automatic, "four_eyes": plan.four_eyes, "many": plan.many}
    if as_json:
        say_json({"as_of": now.isoformat()} | {name: [one.to_json() for one in lines] for name, lines in lists.items()})
        return
    titles = {
        "automatic": "would be destroyed now",
        "four_eyes": "wait for a person’s approval",
        "many": "are more than one day may destroy",
    }
    for name, lines in lists.items():
        for one in lines:
            say(_line(one))
        say(f"{len(lines)} {titles[name]}")


def _line(one: Listed) -> str:
    return f"{one.recording_id}  {one.dossier_id}  {one.cause}  since {one.eligible_at.astimezone(PARIS):%Y-%m-%d %H:%M}"


@app.command("vouch")
def vouch(
    entry_wrong: Annotated[
        int | None, typer.Option("--entry-wrong", metavar="INDEX", help="The journal's last entry has a wrong date; the clock is right.")
    ] = None,
    by: By = None,
) -> None:
    """Say, by name, that the clock shows the right day, where nothing outside this machine can; it counts for today alone."""
    with centre() as parts:
        with parts.database.reading() as session:
            who = actor(session, by)
            last = log.last(session.connection())
        if not who.startswith("usr_"):
            raise RefusedHereError("a person vouches for the clock, by name: give --by MAIL")
        if entry_wrong is not None and (last is None or last.index != entry_wrong):
            raise RefusedHereError(f"only the journal's last entry can be called wrong: it is {last.index if last else 'none'}")
        now = parts.clock.now()
        with parts.database.transaction(now, who) as tx:
            if entry_wrong is None:
                guards.vouch(tx)
            else:
                guards.call_wrong(tx, entry_wrong)
        say(f"noted: it is {now.astimezone(PARIS):%A %d %B %Y, %H:%M}; the next sweep goes by it")


@app.command("approve")
def approve(run: Annotated[str | None, typer.Argument(metavar="RUN")] = None, by: By = None) -> None:
    """Approve a list of destructions; without its name, show the lists that wait."""
    with centre() as parts:
        if run is None:
            with parts.database.reading() as session:
                for one in runs.waiting(session):
                    _tell(one)
            return
        with parts.database.reading() as session:
            who = actor(session, by)
        with parts.database.transaction(parts.clock.now(), who) as tx:
            count = runs.approve(tx, run)
        say(f"approved: {count} recordings; the next sweep destroys them, if nothing holds them by then")


def _tell(run: DisposalRun) -> None:
    say(f"{run.id}  listed {run.listed_at.astimezone(PARIS):%Y-%m-%d %H:%M}")
    for one in runs.lines_of(run):
        say(f"  {_line(one)}")
