"""Checkpoints: the specification's example, a true round trip, and what is refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from journal import checkpoint, tree
from journal.checkpoint import Checkpoint, Signed
from journal.errors import JournalRefusedError
from journal.note import Outcome

# C2SP tlog-checkpoint.md, the example at its head.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
CHECKPOINTS = st.builds(
    Checkpoint, LINES, st.integers(1, 10**18 - 1), st.binary(min_size=32, max_size=32), st.lists(LINES, max_size=3).map(tuple)
)


def test_the_example_of_the_specification() -> None:
    """It is read, and written again in the same bytes."""
    signed = Signed.decode(EXAMPLE.encode())
    assert signed.checkpoint.origin == "example.com/behind-the-sofa"
    assert signed.checkpoint.size == 20852163
    assert base64.b64encode(signed.checkpoint.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert signed.encode().decode() == EXAMPLE
    assert signed.check(KEY.public_key()) is Outcome.UNKNOWN


@given(CHECKPOINTS)
def test_every_checkpoint_comes_back(made: Checkpoint) -> None:
    """What was written is read back, and written again in the same text."""
    assert Checkpoint.parse(made.text()) == made
    assert Checkpoint.parse(made.text()).text() == made.text()


@given(st.text("a019\n=+/ ", max_size=60) | CHECKPOINTS.map(Checkpoint.text))
def test_text_that_is_accepted_is_the_only_form(text: str) -> None:
    """Whatever is read as a checkpoint is written again in the very same text."""
    try:
        found = Checkpoint.parse(text)
    except JournalRefusedError:
        return
    assert found.text() == text


def test_signing() -> None:
    """The key bears the name of the origin; the same checkpoint gives the same bytes."""
    made = Checkpoint("consigne-journal/00", 3, bytes(32))
    signed = checkpoint.sign(made, KEY)
    assert signed.note.signatures[0].name == made.origin
    assert signed.check(KEY.public_key()) is Outcome.GOOD
    assert Signed.decode(signed.encode()) == signed
    assert checkpoint.sign(made, KEY).encode() == signed.encode()


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        f"a\n1\n{ROOT}",
        f"\n1\n{ROOT}\n",
        f"a\n01\n{ROOT}\n",
        f"a\n-1\n{ROOT}\n",
        f"a\n+1\n{ROOT}\n",
        f"a\n١\n{ROOT}\n",
        f"a\n1 \n{ROOT}\n",
        f"a\n1\n{ROOT[:-1]}\n",
        f"a\n1\n{ROOT[:-2]}B=\n",
        f"a\n1\n{base64.b64encode(bytes(31)).decode()}\n",
        f"a\n1\n{ROOT}\n\n",
        f"a\n1\n{ROOT}\nx\n\n",
        f"a\r\n1\n{ROOT}\n",
        f"a\n0\n{ROOT}\n",
        f"a\n{'9' * 19}\n{ROOT}\n",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    """Missing lines, leading zeros, signs, other digits, loose base64, short roots, empty lines, an empty tree with another root."""
    with pytest.raises(JournalRefusedError):
        Checkpoint.parse(text)


def test_the_empty_tree() -> None:
    """Size 0 stands with its own root only."""
    assert Checkpoint.parse(Checkpoint("a", 0, tree.EMPTY_ROOT).text()).size == 0
