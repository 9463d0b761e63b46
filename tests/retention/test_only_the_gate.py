"""One gate: no other code can delete an object, abort an upload, or entomb a key, but the discarding of attempts in reconcile."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("consigne", "consent", "intake", "journal", "notifications", "portal", "registry", "retention", "sharing", "storage")
_DESTROYING = frozenset({"remove_all", "entomb", "abort"})
_OF_THE_STORE = frozenset({"delete_object", "delete_objects", "abort_multipart_upload", "delete_bucket", "delete_object_version"})
_GATES = frozenset({"retention/gate.py", "retention/reconcile.py"})
_DEFINITIONS = frozenset(
    {"storage/objects.py", "storage/s3_objects.py", "storage/vault.py", "storage/directory_vault.py", "storage/s3_vault.py"}
)
"""Where the verbs are defined, and one is made of others: a vault with its mirror, one removal of many."""


def _named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every name by which something could be called: an attribute, called or handed on, or its name in a string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.alias):
            yield node.lineno, node.name


def _uses(text: str, verbs: frozenset[str]) -> list[tuple[int, str]]:
    return [(line, name) for line, name in _named(ast.parse(text)) if name in verbs]


def _modules() -> list[Path]:
    return sorted(path for package in _PACKAGES for path in (_ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(_ROOT)))
def test_nothing_else_destroys(path: Path) -> None:
    """Neither by calling, nor by handing the verb on, nor by its name in a string."""
    where = str(path.relative_to(_ROOT))
    text = path.read_text("utf-8")
    if where not in _GATES | _DEFINITIONS:
        assert _uses(text, _DESTROYING) == []
    if where not in _DEFINITIONS:
        assert _uses(text, _OF_THE_STORE) == []


def test_the_gates_are_there() -> None:
    """The names that the test looks for are those that are used: it would see them elsewhere."""
    used = {name for where in _GATES for _, name in _uses((_ROOT / where).read_text("utf-8"), _DESTROYING)}
    assert used == {"remove_all", "entomb"}


@pytest.mark.parametrize(
    "text", ["store.remove_all(key)", "f = vault.entomb", "getattr(store, 'abort')(upload)", "s3.delete_objects(Bucket=b)"]
)
def test_it_would_be_found(text: str) -> None:
    """However it is written."""
    assert _uses(text, _DESTROYING | _OF_THE_STORE)


def test_only_the_gate_takes_the_gates_steps() -> None:
    """Nothing but the gate's own modules moves a recording to ``destroying`` or ``destroyed``."""
    allowed = {"retention/undertaking.py", "registry/states.py"}
    for path in _modules():
        where = str(path.relative_to(_ROOT))
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        moving = [node.lineno for node in calls if _moves_to_the_end(node)]
        assert not moving or where in allowed, f"{where}:{moving}"


def _moves_to_the_end(node: ast.Call) -> bool:
    named = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    ends = [arg for arg in node.args if isinstance(arg, ast.Attribute) and arg.attr in {"DESTROYING", "DESTROYED"}]
    return named in {"move", "enter_again"} and bool(ends)
