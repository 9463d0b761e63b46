"""Names again after a restore without a backup, from the command line."""

from typing import Annotated

import typer

from consigne.cli.common import actor, centre, say
from consigne.cli.people import By
from registry.clock import PARIS
from registry.codes import Language
from registry.roster import read_roster
from retention import naming

candidate_app, session_app = typer.Typer(), typer.Typer()


@candidate_app.command("name")
def name_candidate(
    pseudonym: Annotated[str, typer.Argument(help="As the restore listed it.")],
    reference: Annotated[str, typer.Option()],
    family_name: Annotated[str, typer.Option()],
    given_name: Annotated[str, typer.Option()],
    mail: Annotated[str, typer.Option()],
    civility: Annotated[str, typer.Option()] = "",
    employer: Annotated[str, typer.Option()] = "",
    department: Annotated[str, typer.Option()] = "",
    language: Annotated[Language, typer.Option()] = Language.FR,
    by: By = None,
) -> None:
    """After a restore without a backup: say who a pseudonym stands for. Do this before importing the list again."""
    header = "Référence;Civilité;Nom;Prénom;Courriel;Employeur;Département;Date de passage;Heure de passage;Langue"
    with centre() as parts:
        with parts.database.reading() as session:
            who = actor(session, by)
        with parts.database.transaction(parts.clock.now(), who) as tx:
            hearing = naming.dossiers_of(tx, pseudonym)[-1].hearing_at.astimezone(PARIS)
            told = (reference, civility, family_name, given_name, mail, employer, department)
            cells = (*told, f"{hearing:%Y-%m-%d}", f"{hearing:%H:%M}", language.value)
            line = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)
            roster = read_roster(f"{header}\r\n{line}\r\n".encode(), now=parts.clock.now())
            for problem in roster.problems:
                typer.echo(problem.message(Language.FR) + " " + problem.remedy(Language.FR), err=True)
            if not roster.lines:
                raise typer.Exit(1)
            naming.name_candidate(tx, pseudonym, roster.lines[0])
        say(f"{pseudonym} is {reference} again")


@session_app.command("name")
def name_session(
    code: Annotated[str, typer.Argument(metavar="REPRISE-…", help="A session that a restore rebuilt.")],
    name: Annotated[str, typer.Argument(metavar="SESSION", help="What it was called.")],
    by: By = None,
) -> None:
    """After a restore without a backup: give a session its name again, which is that of its folder."""
    with centre() as parts:
        with parts.database.reading() as session:
            who = actor(session, by)
        with parts.database.transaction(parts.clock.now(), who) as tx:
            naming.name_session(tx, code, name)
        say(f"{code} is {name} again")
