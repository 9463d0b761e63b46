"""What the documents say of the repository, compared with the repository."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")])
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_each_dependency_has_its_reason() -> None:
    """The table of ADR 0007 names what pyproject asks for at run time, no more and no less."""
    asked = {re.split(r"[\[<>=]", line)[0] for line in PROJECT["project"]["dependencies"]}
    rows = re.findall(r"^\| ([a-z].*?) \| ", (ROOT / "docs/adr/0007-dependencies.md").read_text(), re.MULTILINE)
    named = {name.split()[0] for row in rows if row != "package" for name in row.split(",")}
    assert named == asked


def test_nobody_else_claims_our_package_names() -> None:
    """The names are generic: an environment where another distribution brings one of them is refused."""
    ours = set(PROJECT["tool"]["importlinter"]["root_packages"])
    claims = {name: set(found) - {"consigne"} for name, found in packages_distributions().items() if name in ours}
    assert not {name: found for name, found in claims.items() if found}


def test_wheel_and_arrows_know_the_same_packages() -> None:
    """A package that is shipped is under the import contract, and the other way round."""
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == PROJECT["tool"]["importlinter"]["root_packages"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_locks_pin_by_hash_and_name_no_address(lock: Path) -> None:
    """Each requirement has one version and at least one hash, and no line says where from."""
    text = lock.read_text()
    assert "://" not in text
    pins = text.replace("\\\n", " ").splitlines()
    assert pins
    assert [pin for pin in pins if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the repository finds it."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []
