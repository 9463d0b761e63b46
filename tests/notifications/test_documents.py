"""The answer as a PDF: one page, the same bytes, the same words as the mail, in a font that has every letter."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from notifications.answers import words
from notifications.documents import answer_pdf
from notifications.facts import AnswerFacts
from notifications.page import Style, drawable, wrap
from notifications.parts import Contact
from registry.codes import NOT_TAKEN, REFUSING, REVIEWING, Answer, Code, Language
from tests.notifications.making import CHOOSE, FORM, bare, facts


def page_of(told: AnswerFacts) -> tuple[PdfReader, str]:
    """Return the PDF read back, and its text with every run of spaces made one."""
    reader = PdfReader(BytesIO(answer_pdf(told)))
    return reader, " ".join(reader.pages[0].extract_text().split())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("answer", Answer)
def test_the_page_says_what_the_words_say(answer: Answer, language: Language) -> None:
    """Title, greeting, five parts, facts and fingerprint are all on the page, letter for letter."""
    told = facts(answer, language=language)
    reader, text = page_of(told)
    said = words(told)
    squeezed = text.replace(" ", "")
    wanted = [said.title, said.greeting, said.fingerprint or "", *(v for _, v in said.facts)]
    wanted += [line.text for part in said.parts for line in part.lines] + [part.heading for part in said.parts]
    for sentence in wanted:
        assert "".join(sentence.split()) in "".join(squeezed.split()), sentence
    assert len(reader.pages) == 1


def test_narrow_spaces_and_accents_survive() -> None:
    """Narrow no-break spaces, accents, guillemets and the typographic apostrophe can be copied out of the page."""
    reader, _ = page_of(facts())
    text = reader.pages[0].extract_text()
    assert "Bien reçu\u202f: vous n’avez plus rien à faire" in text
    assert "\u202f»" in text


@pytest.mark.parametrize("language", Language)
def test_every_word_we_print_is_in_the_font(language: Language) -> None:
    """The font has a shape for every character of every sentence, so that no box shows."""
    for code in Code:
        for answer in Answer:
            said = words(facts(answer, code, language=language))
            for text in (said.title, *(line.text for part in said.parts for line in part.lines)):
                assert drawable(text), text


def test_the_same_facts_give_the_same_bytes() -> None:
    """A PDF made again after a crash is the same file, and another fact makes another file."""
    assert answer_pdf(facts()) == answer_pdf(facts())
    assert answer_pdf(facts()) != answer_pdf(replace(facts(), receipt_number="2026-0148"))


def test_metadata_serve_readers_aloud() -> None:
    """The page's language and title are where a screen reader looks for them, and no name is among the metadata."""
    for language, tag in ((Language.FR, "fr"), (Language.EN, "en")):
        reader, _ = page_of(facts(language=language))
        root = reader.root_object
        preferences = root["/ViewerPreferences"].get_object()
        assert isinstance(preferences, DictionaryObject)
        assert str(root["/Lang"]) == tag
        assert str(preferences["/DisplayDocTitle"]) == "True"
        assert reader.metadata is not None
        assert reader.metadata.title == words(facts(language=language)).title
        assert "Camille" not in str(dict(reader.metadata))


def test_links_can_be_followed() -> None:
    """The form, the mail address and the Teams chat are real links, and the first is printed as well."""
    reader, text = page_of(facts(Answer.AWAITING_CONSENT))
    targets = {str(note["/A"]["/URI"]) for note in reader.pages[0].annotations or []}
    assert {FORM, "mailto:coordination@example.org", "https://teams.example.org/l/chat/1"} <= targets
    assert FORM in text


def longest(language: Language) -> AnswerFacts:
    """Return facts whose every text is as long as it may come."""
    return replace(
        facts(Answer.REFUSED, *sorted(REFUSING | REVIEWING | NOT_TAKEN), language=language),
        warnings=tuple(Code),
        name="Maximilienne-Anastasie " * 8,
        reference="R" * 200,
        session_label="Session exceptionnelle " * 10,
        scheme_title="Certificat de qualification " * 10,
        unit_label="Bloc de compétences " * 10,
        file_name="é" * 255,
        contact=Contact("Dominique " * 20, f"{'a' * 60}@{'b' * 60}.example.org", "https://teams.example.org/" + "x" * 300),
        folder_link="https://share.example.org/" + "y" * 300,
        form_link="https://depot.example.org/" + "z" * 300,
        choose_link=CHOOSE,
        reason="Parce que. " * 200,
        details=("Un détail assez long pour tenir sur plusieurs lignes. " * 4,) * 3,
    )


@pytest.mark.parametrize("language", Language)
def test_the_most_that_can_ever_be_said_of_one_file_fits(language: Language) -> None:
    """All refusing codes at once with the longest names and links still make one page, and nothing runs off it."""
    told = replace(longest(language), codes=tuple(sorted(REFUSING)), warnings=(Code.QUIET, Code.DATE_CONFLICT))
    reader, text = page_of(told)
    assert len(reader.pages) == 1
    assert words(told).fingerprint_note in text
    assert _lowest(reader) > 20


@pytest.mark.parametrize("answer", Answer)
def test_the_least_that_can_be_said_fits_too(answer: Answer) -> None:
    """A file of which nothing is known gets its page."""
    reader, _ = page_of(bare(answer))
    assert len(reader.pages) == 1


def _lowest(reader: PdfReader) -> float:
    heights: list[float] = []

    def visit(text: str, _cm: object, matrix: list[float], _font: object, _size: object) -> None:
        if text.strip():
            heights.append(matrix[5])

    reader.pages[0].extract_text(visitor_text=visit)
    return min(heights)


@pytest.mark.parametrize("name", ["שלום עולם", "محمد", "👩\u200d🎓 Camille", "李雷", "Ž ğ Ş Ł ő", "\u202eaellimaC", "a\x00b\nc"])
def test_any_name_makes_a_page(name: str) -> None:
    """A name in a script that the font lacks is not printed wrong: the greeting is left out; nothing fails."""
    told = replace(facts(), name=name, file_name=f"{name}.mp3")
    reader, _ = page_of(told)
    text = reader.pages[0].extract_text()
    assert len(reader.pages) == 1
    assert ("Bonjour" in text) is drawable(words(told).greeting)


@settings(max_examples=60)
@given(st.text(max_size=120), st.floats(min_value=40, max_value=400))
def test_wrapping_loses_nothing(text: str, width: float) -> None:
    """Wrapped lines hold every visible character in order, and no line but one of a single letter is too wide."""
    style = Style(10)
    lines = wrap(text, style, width)
    plain = " ".join(lines).replace(" ", "")
    expected = "".join(wrap(text, style, 1e9)).replace(" ", "")
    assert plain == expected
