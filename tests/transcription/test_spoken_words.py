"""A written text is read as its words are said."""

import pytest

from mmclassic.transcription._spoken_words import spoken_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Press 1, please!", "press one please"),
        ("<beep> It's (laughs) the 3rd [-] call.", "it's the third call"),
        ("1,250 or 0042", "one thousand two hundred fifty or zero zero four two"),
        ("the 20th of 12", "the twentieth of twelve"),
        ("press * or #", "press star or pound"),
        (
            "De-activated: \N{LATIN SMALL LETTER E WITH ACUTE}clair",
            "de activated eclair",
        ),
        ("don\N{RIGHT SINGLE QUOTATION MARK}t 'quote'", "don't quote"),
        ("3D", "three d"),
        ("1234567", "one two three four five six seven"),
        ("...", ""),
    ],
)
def test_a_text_becomes_the_words_that_are_said(text, words):
    assert spoken_words(text) == words.split()
