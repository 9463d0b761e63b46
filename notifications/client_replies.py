"""The printable reply to a client as a PDF of one page, in French, or in English on request. The same answer gives the same bytes. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from reportlab.lib.colors import Color, HexColor

from notifications.page import BOLD, INK, LINK, QUIET, Page, Style
from notifications.parts import Line, Part, one_line
from notifications.replies import Found, Held, Reply
from notifications.words.reply_words import REPLIES, ReplyTexts
from registry.clock import civil_date
from registry.codes import Language
from registry.phrases import long_date, moment, typeset

_SIZES: Final = (11.4, 11.0, 10.6, 10.2, 9.8, 9.4, 9.0, 8.6, 8.2, 7.8, 7.4, 7.0, 6.5, 6.0)
_BOTTOM: Final = 44.0
_RANK: Final = (Held.HELD, Held.BEGUN, Held.DESTROYED)
_COLOURS: Final[Mapping[Held | None, Color]] = {
    Held.HELD: HexColor("#174a8c"),
    Held.BEGUN: HexColor("#7a4f00"),
    Held.DESTROYED: HexColor("#1b6b41"),
    None: HexColor("#4a4f57"),
}
_Say = Callable[..., str]


def reply_pdf(reply: Reply, language: Language = Language.FR) -> bytes:
    """Draw the reply on one A4 page; long ones are set smaller until they fit.

    Raises:
        ValueError: the answer is about several dossiers: one client must not learn of another's call.
    """
    if reply.answered.dossiers > 1:
        raise ValueError("a reply to one client is about one dossier")
    parts = tuple(reply_parts(reply, language))
    size = next((one for one in _SIZES if _fill(_page(reply, language, draw=False), reply, parts, language, one) >= _BOTTOM), _SIZES[-1])
    page = _page(reply, language, draw=True)
    _fill(page, reply, parts, language, size)
    return page.finish()


def overall(reply: Reply) -> Held | None:
    """Say what the whole answer comes to: what is still held is said before what is gone; None where there is nothing."""
    states = {one.held for one in reply.answered.found}
    return next((one for one in _RANK if one in states), None)


def reply_parts(reply: Reply, language: Language) -> Iterator[Part]:
    """Yield the parts of the page: what was asked, the answer for each recording, the client's rights, whom to write to."""
    texts = REPLIES[language]

    def say(template: str, **values: str) -> str:
        return typeset(template, language).format_map(values)

    found = reply.answered.found
    yield Part(say(texts.asked_heading), tuple(map(Line, _asked(reply, texts, language, say))))
    for number, one in enumerate(found, start=1):
        several = say(texts.one_of, number=str(number), count=str(len(found)))
        heading = several if len(found) > 1 else say(texts.answer_heading)
        yield Part(heading, tuple(map(Line, _told(one, reply, language, say))))
    if not found:
        yield Part(say(texts.answer_heading), tuple(map(Line, _nothing(reply, texts, say))))
    held = any(one.held is Held.HELD for one in found)
    rights = (*((say(texts.withdraw),) if held else ()), say(texts.rights), say(texts.complaint))
    yield Part(say(texts.rights_heading), tuple(map(Line, rights)))
    contact = reply.contact
    whom = say(texts.write, name=one_line(contact.name), mail=one_line(contact.mail))
    yield Part(say(texts.whom_heading), (Line(whom, f"mailto:{contact.mail}"),))


def _asked(reply: Reply, texts: ReplyTexts, language: Language, say: _Say) -> Iterator[str]:
    """Repeat the question; a name that was asked for is not repeated."""
    asked = reply.answered.question
    if asked.call_date is not None:
        yield say(texts.asked_day, day=long_date(asked.call_date, language))
    else:
        yield say(texts.asked_otherwise)
    if asked.reference is not None:
        yield say(texts.asked_reference, reference=one_line(asked.reference))


def _told(one: Found, reply: Reply, language: Language, say: _Say) -> Iterator[str]:
    texts = REPLIES[language]
    deposited = long_date(civil_date(one.deposited_at), language)
    if one.call_date is None:
        yield say(texts.came_undated, deposited=deposited, reference=one.reference)
    else:
        yield say(texts.came, day=long_date(one.call_date, language), deposited=deposited, reference=one.reference)
    if one.held is Held.HELD:
        yield from _kept(one, reply, language, say)
    elif one.held is Held.BEGUN:
        yield say(texts.silent)
        yield say(texts.begun)
    else:
        yield from _gone(one, reply, language, say)


def _kept(one: Found, reply: Reply, language: Language, say: _Say) -> Iterator[str]:
    texts, today = REPLIES[language], civil_date(reply.answered.as_of)
    yield say(texts.silent if one.unlistenable else texts.kept)
    if one.suspended:
        yield say(texts.suspended)
    elif one.eligible_on is None:
        yield say(texts.later)
    else:
        yield say(texts.from_day if one.eligible_on > today else texts.since_day, day=long_date(one.eligible_on, language))


def _gone(one: Found, reply: Reply, language: Language, say: _Say) -> Iterator[str]:
    texts = REPLIES[language]
    if one.destroyed_at is not None:
        yield say(texts.destroyed, day=long_date(civil_date(one.destroyed_at), language))
    yield say(texts.proved)
    later = one.irreversible_from is not None and one.destroyed_at is not None and one.irreversible_from > one.destroyed_at
    if one.irreversible_from is not None and later:
        yield say(texts.irreversible, day=long_date(civil_date(one.irreversible_from), language))
    if one.certificate is not None:
        yield say(texts.certificate, number=one.certificate)
    yield say(texts.remains, years=str(reply.proof_years))


def _nothing(reply: Reply, texts: ReplyTexts, say: _Say) -> Iterator[str]:
    yield say(texts.none)
    if reply.answered.question.names_somebody:
        yield say(texts.none_names)
    else:
        yield say(texts.none_traces, years=str(reply.proof_years))
    if reply.answered.undated:
        yield say(texts.none_undated)


def _page(reply: Reply, language: Language, *, draw: bool) -> Page:
    title = typeset(REPLIES[language].titles[overall(reply)], language)
    return Page(title=title, author=one_line(reply.centre), language=language, draw=draw)


def _fill(page: Page, reply: Reply, parts: tuple[Part, ...], language: Language, size: float) -> float:
    """Fill the page and return how high above its lower edge the text ends, in points."""
    texts, state = REPLIES[language], overall(reply)
    colour, small = _COLOURS[state], Style(size * 0.88, colour=QUIET)
    page.text(one_line(reply.centre), Style(size, BOLD, INK))
    page.text(typeset(texts.subject, language), small)
    page.text(texts.made_on.format(when=moment(reply.answered.as_of, language)), small)
    page.gap(size * 1.6)
    page.text(typeset(texts.titles[state], language), Style(size * 1.75, BOLD, colour))
    page.gap(size * 0.6)
    page.rule(colour)
    for part in parts:
        page.gap(size * 1.05)
        page.text(part.heading, Style(size * 1.08, BOLD, colour))
        for line in part.lines:
            page.gap(size * 0.18)
            page.text(line.text, Style(size, colour=INK if line.url is None else LINK), line.url)
    page.gap(size * 1.4)
    page.rule()
    page.gap(size * 0.5)
    page.text(typeset(texts.foot, language).format(centre=one_line(reply.centre)), small)
    return page.top
