"""Digits to the words that they are spoken as."""

__all__ = ["spoken_fraction", "spoken_number"]

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
LONGEST = 6  # digits; of more, or after a zero, each is spoken
DENOMINATORS = {2: "half", 4: "quarter"}


def spoken_number(digits: str, decimals: str, ending: str | None) -> str:
    """Return a number as words, with a space before and after.

    Parameters
    ----------
    digits : str
        Before any point; none where it begins with the point.
    decimals : str
        Points, each with digits after it, or nothing: ".5", ".0.1".
    ending : {"st", "nd", "rd", "th", "s"} or None
        What makes an ordinal of it, or several: a decade, if they are four digits.

    Returns
    -------
    str
    """
    is_decade = ending == "s" and len(digits) == 4 and not decimals
    words = _decade(int(digits)) if is_decade else _whole(digits)
    for character in decimals:
        words.append("point" if character == "." else ONES[int(character)])
    if ending == "s":
        words[-1] = _plural(words[-1])
    elif ending is not None:
        words[-1] = _ordinal(words[-1])
    return f" {' '.join(words)} "


def spoken_fraction(numerator: str, denominator: str) -> str:
    """Return a fraction as words, with a space before and after.

    Parameters
    ----------
    numerator, denominator : str
        Digits.

    Returns
    -------
    str
    """
    *first, last = _whole(denominator)
    last = DENOMINATORS.get(int(denominator[-LONGEST:])) or _ordinal(last)
    if numerator != "1":
        last = "halves" if last == "half" else last + "s"
    return f" {' '.join([*_whole(numerator), *first, last])} "


def _whole(digits: str) -> list[str]:
    if len(digits) > LONGEST or int(digits[:1] or 0) == 0:
        return [ONES[int(digit)] for digit in digits]
    return _number(int(digits))


def _decade(n: int) -> list[str]:
    century, rest = divmod(n, 100)
    if century % 10 == 0 and rest < 10:  # the two thousands
        return _number(n)
    return [*_number(century), *(_number(rest) if rest else ["hundred"])]


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


def _plural(word: str) -> str:
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith("x") else "s")
