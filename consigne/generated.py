"""The pages that are drawn from the code: ``python -m consigne.generated`` writes them, ``--check`` compares."""

import sys
from pathlib import Path

import typer
from typer.testing import CliRunner

from consigne.cli import app
from registry import states

_ROOT = Path(__file__).parents[1]
_NOTE = "<!-- Drawn from the code by `make generated`: do not edit. -->\n"


def pages() -> dict[str, str]:
    """Return every generated page, by its path in the repository."""
    return {"docs/states.md": _states(), "docs/command-line.md": _commands()}


def _states() -> str:
    rows = "\n".join(f"| `{row.before}` | `{row.after}` | `{row.kind}` | {', '.join(row.who)} |" for row in states.TABLE)
    return (
        f"{_NOTE}# The states of a recording\n\n"
        "Nothing but these steps can happen; each writes the journal entry named beside it. The table is `registry/states.py`.\n\n"
        f"```mermaid\n{states.diagram()}```\n\n"
        f"| from | to | journal entry | by |\n|---|---|---|---|\n{rows}\n"
    )


def _commands() -> str:
    runner = CliRunner()
    names = [[], *([command.name] for command in app.registered_commands if command.name)]
    for group in app.registered_groups:
        assert isinstance(group.typer_instance, typer.Typer)
        names += [[str(group.name), str(command.name)] for command in group.typer_instance.registered_commands]
    blocks = []
    for name in names:
        told = runner.invoke(app, [*name, "--help"], prog_name="consigne", terminal_width=110, env={"COLUMNS": "110", "NO_COLOR": "1"})
        text = "\n".join(line.rstrip() for line in told.output.strip("\n").splitlines())
        blocks.append(f"## consigne {' '.join(name)}".rstrip() + f"\n\n```\n{text.strip()}\n```\n")
    codes = "Exit codes: 0 done or holds, 1 refused or does not hold, 2 wrong use, 3 something outside failed."
    return f"{_NOTE}# The command line\n\n{codes}\n\n" + "\n".join(blocks)


def main(arguments: list[str]) -> int:
    """Write the pages, or say which differ."""
    check = arguments == ["--check"]
    different = [path for path, text in pages().items() if not (_ROOT / path).is_file() or (_ROOT / path).read_text("utf-8") != text]
    for path in different:
        if check:
            sys.stderr.write(f"{path} is not what the code draws: run `make generated`\n")
        else:
            (_ROOT / path).write_text(pages()[path], "utf-8")
    return 1 if check and different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
