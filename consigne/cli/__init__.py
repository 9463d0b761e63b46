"""The command line. Exit codes: 0 done or holds, 1 refused or does not hold, 2 wrong use, 3 something outside failed."""

import resource
import secrets
import sys

import structlog
import typer

from consigne import logs
from consigne.cli import (
    appeals,
    centre,
    certificate,
    clock,
    compliance,
    decisions,
    destructions,
    endings,
    files,
    journal,
    keys,
    naming,
    people,
    safety,
    sharing,
)
from consigne.cli.common import remember_home
from consigne.errors import ConsigneError
from intake.confine.errors import ConfineError
from registry.errors import DatabaseUnavailableError, RegistryError
from retention.errors import RetentionError
from storage.errors import StorageError, StorageUnavailable

app = typer.Typer(
    name="consigne",
    help="Secure intake and retention of exam recordings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.callback()(remember_home)
for part in (centre.app, files.app, clock.app):
    app.registered_commands += part.registered_commands
app.add_typer(people.session_app, name="session")
app.add_typer(people.candidate_app, name="candidate")
app.add_typer(people.user_app, name="user")
app.add_typer(files.consent_app, name="consent")
app.add_typer(people.mail_app, name="mail")
app.add_typer(journal.app, name="journal")
app.add_typer(certificate.app, name="certificate")
app.registered_commands += sharing.app.registered_commands
app.add_typer(sharing.evaluator_app, name="evaluator")
for part in (decisions.app, appeals.app, endings.app, destructions.app):
    app.registered_commands += part.registered_commands
app.registered_commands += safety.app.registered_commands
app.add_typer(keys.app, name="keys")
people.candidate_app.registered_commands += naming.candidate_app.registered_commands
people.session_app.registered_commands += naming.session_app.registered_commands
app.registered_commands += compliance.app.registered_commands
app.add_typer(compliance.compliance_app, name="compliance")


def main(arguments: list[str] | None = None) -> None:
    """Run one command, and say in one sentence what failed and what to do next; never a traceback."""
    logs.configure()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold data keys and sound
    try:
        app(arguments)
    except ConsigneError as error:
        _end(str(error), error.exit_code)
    except (DatabaseUnavailableError, StorageUnavailable, ConfineError) as error:
        _end(str(error), 3)
    except (RegistryError, RetentionError, StorageError) as error:
        _end(str(error), 1)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last resort: a number to quote instead of a traceback
        incident = secrets.token_hex(4)
        structlog.get_logger().error("command.failed", incident=incident, error=type(error).__name__, exc_info=True)
        _end(f"something unforeseen happened (incident {incident}): quote this number to whoever maintains Consigne", 3)


def _end(message: str, code: int) -> None:
    sys.stderr.write(f"consigne: {message}\n")
    sys.exit(code)
