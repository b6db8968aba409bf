"""A text as it is written to the words that are spoken."""

import re
import unicodedata

__all__ = ["spoken_words"]

UNSPOKEN = re.compile(r"<[^>]*>|\([^)]*\)|\[[^\]]*\]")  # <beep>, (laughs), [-]
NUMBER = re.compile(r"(\d+)(st|nd|rd|th)?(?![a-z])|\d")
OTHER = re.compile(r"[^a-z' ]")
SYMBOLS = {
    "*": "star",
    "#": "pound",
    "&": "and",
    "@": "at",
    "%": "percent",
    "+": "plus",
    "=": "equals",
}
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen "
    "fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
THOUSANDS = 10**6  # from here on, digits are spoken one by one


def spoken_words(text: str) -> list[str]:
    """Return the words that a reader of an English text would say.

    In lower case, without punctuation; numbers and the commonest symbols as words;
    what stands in brackets is taken for a remark that nobody says.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of str
        Of the letters a to z and the apostrophe within a word.
    """
    text = (
        unicodedata.normalize("NFKD", text)
        .lower()
        .replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    text = UNSPOKEN.sub(" ", text)
    for symbol, word in SYMBOLS.items():
        text = text.replace(symbol, f" {word} ")
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    text = NUMBER.sub(_spoken_number, text)
    text = "".join(c for c in text if not unicodedata.combining(c))
    words = (word.strip("'") for word in OTHER.sub(" ", text).split())
    return [word for word in words if word]


def _spoken_number(match: re.Match[str]) -> str:
    digits, is_ordinal = match[1] or match[0], match[2]
    if digits.startswith("0") or int(digits) >= THOUSANDS:
        words = [ONES[int(digit)] for digit in digits]
    else:
        words = _number(int(digits))
    if is_ordinal:
        words[-1] = _ordinal(words[-1])
    return f" {' '.join(words)} "


def _number(n: int) -> list[str]:
    if n < 20:
        return [ONES[n]]
    for unit, name in ((1000, "thousand"), (100, "hundred")):
        if n >= unit:
            rest = _number(n % unit) if n % unit else []
            return [*_number(n // unit), name, *rest]
    return [TENS[n // 10 - 2], *([ONES[n % 10]] if n % 10 else [])]


def _ordinal(word: str) -> str:
    if word in ORDINALS:
        return ORDINALS[word]
    return word[:-1] + "ieth" if word.endswith("y") else word + "th"
