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
        ("5kg or 10kg", "five kg or ten kg"),
        ("1990s", "nineteen nineties"),
        (
            "the 1900s, 2000s and '60s",
            "the nineteen hundreds two thousands and sixties",
        ),
        ("the 21st, not the 100th", "the twenty first not the one hundredth"),
        ("3.5 or .25", "three point five or point two five"),
        ("Go to 3.", "go to three"),
        ("1.0.12", "one point zero point one two"),
        ("1" * 5000, "one " * 5000),
        ("10\N{VULGAR FRACTION ONE HALF}", "ten and one half"),
        ("\N{VULGAR FRACTION THREE QUARTERS} cup", "three quarters cup"),
        ("\N{VULGAR FRACTION TWO THIRDS}", "two thirds"),
        ("10\N{SUPERSCRIPT TWO}, 7\N{SUPERSCRIPT FIVE}", "ten squared seven five"),
        ("\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT TWO}", "twelve"),
        ("\N{ARABIC-INDIC DIGIT THREE}", "three"),
        ("Stra\N{LATIN SMALL LETTER SHARP S}e", "strasse"),
        ("\N{LATIN CAPITAL LETTER AE}r\N{LATIN SMALL LETTER O WITH STROKE}", "aero"),
        ("e\N{COMBINING ACUTE ACCENT}clair", "eclair"),
        ("\N{NUMERO SIGN} 4", "no four"),
        ("Skype\N{TRADE MARK SIGN}", "skype"),
        ("\N{CYRILLIC CAPITAL LETTER DE}\N{CYRILLIC SMALL LETTER A} yes", "yes"),
    ],
)
def test_a_text_becomes_the_words_that_are_said(text, words):
    assert spoken_words(text) == words.split()
