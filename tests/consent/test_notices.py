"""Information notices."""

from datetime import date
from pathlib import Path

import pytest

from consent.errors import NoticeError
from consent.notices import SHIPPED, Audience, Listener, Status, canonical, load_notices, wider_than

SHIPPED_2024 = (SHIPPED / "2024-10.toml").read_text(encoding="utf-8")


def test_the_shipped_notices_are_known_and_only_the_approved_one_is_offered() -> None:
    """The draft waits for the centre."""
    notices = load_notices()
    assert [(notice.id, notice.status) for notice in notices.all] == [("2024-10", Status.APPROVED), ("2026-draft", Status.DRAFT)]
    assert [notice.id for notice in notices.offered(date(2026, 1, 1), date(2026, 12, 31))] == ["2024-10"]
    assert notices.offered(date(2020, 1, 1), date(2024, 9, 30)) == ()


def test_the_text_of_a_shipped_notice_never_changes() -> None:
    """Records cite these hashes: a correction is a new notice."""
    hashes = {notice.id: notice.sha256[:16] for notice in load_notices().all}
    assert hashes == {"2024-10": "684ac7952dd5f1ea", "2026-draft": "05362870e507b02a"}


def test_the_centre_approves_a_draft_with_a_file_of_the_same_text(tmp_path: Path) -> None:
    """Status and dates are the centre's; the text stays."""
    draft = (SHIPPED / "2026-draft.toml").read_text(encoding="utf-8")
    (tmp_path / "2026.toml").write_text(draft.replace('"draft"', '"approved"'), encoding="utf-8")
    assert [notice.id for notice in load_notices(tmp_path).offered(date(2026, 3, 1), date(2026, 3, 2))] == ["2024-10", "2026-draft"]


def test_a_notice_has_a_last_day(tmp_path: Path) -> None:
    """The last day counts, the next does not."""
    (tmp_path / "2024.toml").write_text(SHIPPED_2024.replace("valid_from", "valid_to = 2026-02-28\nvalid_from"), encoding="utf-8")
    notice = load_notices(tmp_path).get("2024-10")
    assert notice is not None
    assert [notice.in_use(day) for day in (date(2024, 9, 30), date(2024, 10, 1), date(2026, 2, 28), date(2026, 3, 1))] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("conversation", "discussion"),
        ('id = "2024-10"', 'id = "2024 10"'),
        ('id = "2024-10"', ""),
        ("2024-10-01", '"2024-10-01"'),
        ('"approved"', '"maybe"'),
        ('"mail"', '"pigeon"'),
        ('"jury_member"', '"everyone"'),
        ("at_most = 1", "at_most = 0"),
        ('status = "approved"', 'status = "approved"\nauthor = "x"'),
        ('en = "Notice of October 2024"', ""),
        ("[title]", "[title"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, old: str, new: str) -> None:
    """A notice that cannot be trusted stops the start, and says which file."""
    assert old in SHIPPED_2024
    (tmp_path / "own.toml").write_text(SHIPPED_2024.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(NoticeError, match=r"own\.toml"):
        load_notices(tmp_path)


def test_one_identifier_is_one_file(tmp_path: Path) -> None:
    """Two files of the centre may not claim the same notice."""
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(SHIPPED_2024, encoding="utf-8")
    with pytest.raises(NoticeError, match=r"b\.toml"):
        load_notices(tmp_path)


def test_the_hash_ignores_how_lines_are_broken() -> None:
    """Line ends, indentation and decomposed accents are the editor's; words and paragraphs are the notice's."""
    assert canonical(" un  été\r\nclair\n\n\nfin ") == canonical("un e\u0301te\u0301 clair\n \nfin") == "un été clair\n\nfin"


def test_access_wider_than_the_notice_is_found() -> None:
    """More listeners than announced, or others, are wider; fewer are not."""
    first, draft = load_notices().all
    one, two, any_number = Listener(Audience.JURY_MEMBER, 1), Listener(Audience.JURY_MEMBER, 2), Listener(Audience.JURY_MEMBER)
    centre = Listener(Audience.CENTRE, 1)
    assert wider_than(first, [one]) == ()
    assert wider_than(first, [two, centre]) == (two, centre)
    assert wider_than(first, [any_number]) == (any_number,)
    assert wider_than(draft, [Listener(Audience.EVALUATOR, 5), centre]) == ()
