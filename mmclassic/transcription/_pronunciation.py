"""A word to its phones: of the dictionary, of its parts, or by rules of letters."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

__all__ = ["pronounce", "read_dictionary"]

LETTERS = {
    letter: phones
    for letter, phones in (
        line.split(" ", 1)
        for line in (
            "a EY,b B IY,c S IY,d D IY,e IY,f EH F,g JH IY,h EY CH,i AY,j JH EY,"
            "k K EY,l EH L,m EH M,n EH N,o OW,p P IY,q K Y UW,r AA R,s EH S,t T IY,"
            "u Y UW,v V IY,w D AH B AH L Y UW,x EH K S,y W AY,z Z IY"
        ).split(",")
    )
}
PREFIXES = {
    "un": "AH N",
    "re": "R IY",
    "de": "D IY",
    "non": "N AA N",
    "pre": "P R IY",
    "semi": "S EH M IY",
    "inter": "IH N T ER",
}
VOICELESS = {"P", "T", "K", "F", "TH"}
SIBILANTS = {"S", "Z", "SH", "ZH", "CH", "JH"}

# What is written, by what stands before and after it, to phones: the first that fits.
RULES = [
    (re.compile(pattern), phones.split())
    for pattern, phones in (
        (r"(?:ti|si|ci)on", "SH AH N"),
        (r"tch", "CH"),
        (r"dge", "JH"),
        (r"(?<=.)igh", "AY"),
        (r"eigh", "EY"),
        (r"sch", "S K"),
        (r"ch", "CH"),
        (r"sh", "SH"),
        (r"th", "TH"),
        (r"ph", "F"),
        (r"wh", "W"),
        (r"ck", "K"),
        (r"qu", "K W"),
        (r"q", "K"),
        (r"ng\b", "NG"),
        (r"\bkn", "N"),
        (r"\bwr", "R"),
        (r"ee|ea|ie(?=.)", "IY"),
        (r"oo", "UW"),
        (r"ai|ay|ei|ey(?=.)", "EY"),
        (r"oa|ow(?=[a-z]?\b)|oe\b", "OW"),
        (r"ou|ow", "AW"),
        (r"oi|oy", "OY"),
        (r"au|aw", "AO"),
        (r"eu|ew|ue", "UW"),
        (r"ar", "AA R"),
        (r"or", "AO R"),
        (r"er|ir|ur", "ER"),
        (r"ah", "AA"),
        (r"a(?=[bcdfgklmnprstvz]e\b)", "EY"),
        (r"e(?=[bcdfgklmnprstvz]e\b)", "IY"),
        (r"i(?=[bcdfgklmnprstvz]e\b)", "AY"),
        (r"o(?=[bcdfgklmnprstvz]e\b)", "OW"),
        (r"u(?=[bcdfgklmnprstvz]e\b)", "UW"),
        (r"\buni", "Y UW N IH"),
        (r"(?<=[aeiou][bcdfgklmnprstvz])e\b", ""),
        (r"(?<=[aeiouy].)y\b|(?<=..)[iye]\b", "IY"),
        (r"y\b", "AY"),
        (r"\by", "Y"),
        (r"a\b", "AH"),
        (r"o\b", "OW"),
        (r"c(?=[eiy])", "S"),
        (r"cc|c|k", "K"),
        (r"g(?=[eiy])", "JH"),
        (r"x", "K S"),
        (r"s\b(?<=[aeioubdgmnrvw]s)", "Z"),
        (r"a", "AE"),
        (r"e", "EH"),
        (r"[iy]", "IH"),
        (r"o", "AA"),
        (r"u", "AH"),
        (r"h\b", ""),
        (r"h", "HH"),
        (r"j", "JH"),
        *((letter, letter.upper()) for letter in "bdfglmnprstvwz"),
    )
]


@cache
def read_dictionary(path: str) -> Mapping[str, tuple[str, ...]]:
    """Return every word of a CMU dictionary with its pronunciations.

    Parameters
    ----------
    path : str

    Returns
    -------
    mapping of str to tuple of str
        Phones with a space between them, the commonest pronunciation first.
    """
    words: dict[str, tuple[str, ...]] = {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        word, _, phones = line.partition(" ")
        word = word.partition("(")[0]
        words[word] = (*words.get(word, ()), phones.strip())
    return words


def pronounce(word: str, dictionary: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the pronunciations of a word that may not be in the dictionary.

    Its entry; else that of its parts: a prefix, a plural, a past tense, two words in
    one; else, by rules of letters. What has no vowel, and up to four letters that are
    no known word, may also be spelled out.

    Parameters
    ----------
    word : str
        Of the letters a to z and apostrophes.
    dictionary : mapping of str to tuple of str

    Returns
    -------
    tuple of str
    """
    if word in dictionary:
        return dictionary[word]
    letters = word.replace("'", "")
    spelled = " ".join(LETTERS[letter] for letter in letters)
    if not re.search("[aeiouy]", letters):
        return (spelled,)
    parts = _by_parts(word, dictionary)
    if parts:
        return parts
    by_rules = _by_rules(letters)
    return (by_rules, spelled) if len(letters) <= 4 else (by_rules,)


def _by_parts(
    word: str, dictionary: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...] | None:
    for ending, add in (("'s", _plural), ("s", _plural), ("ed", _past)):
        stem = word.removesuffix(ending)
        for known in (stem, stem + "e" if ending == "ed" else stem):
            if stem != word and len(stem) > 2 and known in dictionary:
                return tuple(add(phones) for phones in dictionary[known])
    for prefix, phones in PREFIXES.items():
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) > 2 and "'" not in rest:
            known_rest = dictionary.get(rest) or _by_parts(rest, dictionary)
            if known_rest:
                return tuple(f"{phones} {of_rest}" for of_rest in known_rest)
    cuts = range(3, len(word) - 2)
    halves = [
        (word[:cut], word[cut:])
        for cut in sorted(cuts, key=lambda cut: abs(2 * cut - len(word)))
        if word[:cut] in dictionary and word[cut:] in dictionary
    ]
    for first, second in halves:
        return (f"{dictionary[first][0]} {dictionary[second][0]}",)
    return None


def _plural(phones: str) -> str:
    last = phones.split()[-1]
    if last in SIBILANTS:
        return f"{phones} IH Z"
    return f"{phones} {'S' if last in VOICELESS else 'Z'}"


def _past(phones: str) -> str:
    last = phones.split()[-1]
    if last in ("T", "D"):
        return f"{phones} IH D"
    return (
        f"{phones} {'T' if last in VOICELESS | SIBILANTS - {'Z', 'ZH', 'JH'} else 'D'}"
    )


def _by_rules(letters: str) -> str:
    phones: list[str] = []
    at = 0
    while at < len(letters):
        spoken, length = _first_rule(letters, at)
        phones += spoken
        at += length
    return " ".join(phones)


def _first_rule(letters: str, at: int) -> tuple[list[str], int]:
    """Return the phones of the rule that fits, and how many letters they stand for."""
    if letters[at] == letters[at + 1 : at + 2] and letters[at] not in "aeiouc":
        return [], 1  # a doubled letter is spoken once
    for pattern, phones in RULES:
        match = pattern.match(letters, at)
        if match:
            return phones, match.end() - at
    return [], 1
