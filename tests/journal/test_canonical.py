"""The one encoding: what it writes, what it refuses, and that it comes back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import canonical
from journal.errors import JournalRefusedError

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_every_value_comes_back(value: canonical.Json) -> None:
    """What was encoded decodes to the same value, and to the same bytes again."""
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert canonical.encode(canonical.decode(data)) == data


@given(st.binary(max_size=40) | st.text(alphabet=' \n"\\{}[]:,0123456789-eEu.abtrufalsn', max_size=24).map(str.encode))
def test_bytes_that_are_accepted_are_the_only_form(data: bytes) -> None:
    """Whatever the decoder takes, the encoder writes in the very same bytes."""
    try:
        value = canonical.decode(data)
    except JournalRefusedError:
        return
    assert canonical.encode(value) == data


def test_members_stand_in_the_order_of_rfc_8785() -> None:
    """Names sort by UTF-16 code units, as in the example of RFC 8785, section 3.2.3."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    read = canonical.decode(canonical.encode(dict.fromkeys(names)))
    assert isinstance(read, dict)
    assert list(read) == order


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, b"null"),
        (True, b"true"),
        (0, b"0"),
        (-(2**53) + 1, b"-9007199254740991"),
        ("é€\U0001f600/\x7f", '"é€\U0001f600/\x7f"'.encode()),
        ('"\\\b\f\n\r\t\x00\x1f', rb'"\"\\\b\f\n\r\t\u0000\u001f"'),
        ([], b"[]"),
        ({"b": [1, "x"], "a": {}}, b'{"a":{},"b":[1,"x"]}'),
        ((1, 2), b"[1,2]"),
    ],
)
def test_known_answers(value: canonical.Encodable, written: bytes) -> None:
    """Each kind of value has the form that the specification gives."""
    assert canonical.encode(value) == written


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), b"x", {1, 2}, {1: "x"}, {None: 1}, "\ud800", {"\udfff": 1}, [Ellipsis]],
    ids=repr,
)
def test_values_without_a_form_are_refused(value: Any) -> None:
    """Fractions, large integers, bytes, sets, names that are not strings and half characters have no form."""
    with pytest.raises(JournalRefusedError):
        canonical.encode(value)


def test_depth_is_bounded() -> None:
    """Thirty-two levels are the most, and a thousand levels of brackets are refused like any other bytes."""
    assert canonical.decode(b"[" * 32 + b"]" * 32)
    with pytest.raises(JournalRefusedError, match="32 levels"):
        canonical.decode(b"[" * 33 + b"]" * 33)
    with pytest.raises(JournalRefusedError):
        canonical.decode(b"[" * 100_000 + b"]" * 100_000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" 1",
        b"1\n",
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":2}}',
        b"1.0",
        b"1e3",
        b"-0",
        b"01",
        b"9007199254740992",
        b"9" * 5000,
        b"NaN",
        b"Infinity",
        rb'"\u0061"',
        rb'"\u00e9"',
        rb'"\u000a"',
        rb'"\u001F"',
        rb'"\/"',
        rb'"\ud83d\ude00"',
        rb'"\ud800"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'\xef\xbb\xbf"x"',
        b'"a\nb"',
        b"'a'",
        b"[1,]",
        b"1 2",
        b"null\x00",
    ],
)
def test_other_forms_are_refused(data: bytes) -> None:
    """White space, order, repeated names, other escapes, other numbers, other encodings: none is the one form."""
    with pytest.raises(JournalRefusedError):
        canonical.decode(data)
