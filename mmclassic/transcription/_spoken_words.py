"""A text as it is written to the words that are spoken."""

import re
import unicodedata

from mmclassic.transcription._spoken_numbers import spoken_fraction, spoken_number

__all__ = ["spoken_words"]

UNSPOKEN = re.compile(r"<[^>]*>|\([^)]*\)|\[[^\]]*\]")  # <beep>, (laughs), [-]
NUMBER = re.compile(r"(\d+|(?<!\S)(?=\.\d))((?:\.\d+)*)(?:(st|nd|rd|th|s)(?![a-z]))?")
MIXED = re.compile(r"(?<=\d) +(?=\d+\N{FRACTION SLASH}\d)")  # two and one half
FRACTION = re.compile(r"(\d+)\N{FRACTION SLASH}(\d+)")
COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
OTHER = re.compile(r"[^a-z' ]")
SYMBOLS = {
    "*": "star",
    "#": "pound",
    "&": "and",
    "@": "at",
    "%": "percent",
    "+": "plus",
    "=": "equals",
    "\N{SUPERSCRIPT TWO}": "squared",
    "\N{SUPERSCRIPT THREE}": "cubed",
    "\N{TRADE MARK SIGN}": "",
    "\N{SERVICE MARK}": "",
}
APOSTROPHES = "\N{RIGHT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
# Letters of Latin alphabets that are no letter of a to z with a mark.
LETTERS = {
    "\N{LATIN SMALL LETTER SHARP S}": "ss",
    "\N{LATIN SMALL LETTER AE}": "ae",
    "\N{LATIN SMALL LIGATURE OE}": "oe",
    "\N{LATIN SMALL LETTER O WITH STROKE}": "o",
    "\N{LATIN SMALL LETTER L WITH STROKE}": "l",
    "\N{LATIN SMALL LETTER D WITH STROKE}": "d",
    "\N{LATIN SMALL LETTER H WITH STROKE}": "h",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    "\N{LATIN SMALL LETTER ETH}": "th",
    "\N{LATIN SMALL LETTER THORN}": "th",
}
SPOKEN = str.maketrans(
    {symbol: f" {word} " for symbol, word in SYMBOLS.items()}
    | dict.fromkeys(APOSTROPHES, "'")
    | LETTERS
)


def spoken_words(text: str) -> list[str]:
    """Return the words that a reader of an English text would say.

    In lower case, without punctuation; numbers and the commonest symbols as words;
    what stands in brackets is taken for a remark that nobody says. Letters with marks
    lose them, and those of other alphabets than the Latin are left out.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        Of the letters a to z and the apostrophe within a word.
    """
    text = UNSPOKEN.sub(" ", text.lower().translate(SPOKEN))
    text = "".join(map(_plain, text))
    text = COMMA.sub("", text)
    text = MIXED.sub(" and ", text)
    text = FRACTION.sub(lambda match: spoken_fraction(*match.groups()), text)
    text = NUMBER.sub(lambda match: spoken_number(*match.groups()), text)
    words = (word.strip("'") for word in OTHER.sub(" ", text).split())
    return [word for word in words if word]


def _plain(character: str) -> str:
    """Return a character without marks; a digit such as that of a note by itself."""
    if character.isascii():
        return character
    plain = unicodedata.normalize("NFKD", character)
    plain = "".join(c for c in plain.lower() if not unicodedata.combining(c))
    is_apart = not character.isdecimal() and any(c.isdecimal() for c in plain)
    return f" {plain} " if is_apart else plain
