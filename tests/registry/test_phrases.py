"""Sizes as people write them."""

import pytest

from registry.codes import Language
from registry.phrases import size

_SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 octets", "0 bytes"),
        (999, "999 octets", "999 bytes"),
        (1_000, "1 ko", "1 kB"),
        (5_800_000, "5,8 Mo", "5.8 MB"),
        (999_949_999, "999,9 Mo", "999.9 MB"),
        (1_000_000_000, "1,0 Go", "1.0 GB"),
        (10_737_418_240, "10,7 Go", "10.7 GB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_reads_best(count: int, french: str, english: str) -> None:
    """Ten gigabytes are not ten thousand megabytes."""
    assert size(count, Language.FR) == french.replace(" ", _SPACE)
    assert size(count, Language.EN) == english.replace(" ", _SPACE)
