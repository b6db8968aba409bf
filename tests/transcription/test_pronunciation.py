"""Words that no dictionary has are pronounced by their parts, or by their letters."""

import pytest

from mmclassic.transcription._pronunciation import pronounce

DICTIONARY = {
    "mute": ("M Y UW T",),
    "touch": ("T AH CH",),
    "tone": ("T OW N",),
    "fax": ("F AE K S",),
    "waldo": ("W AA L D OW",),
    "read": ("R EH D", "R IY D"),
}


@pytest.mark.parametrize(
    ("word", "pronunciations"),
    [
        ("read", ("R EH D", "R IY D")),
        ("unmute", ("AH N M Y UW T",)),
        ("unmuted", ("AH N M Y UW T IH D",)),
        ("touchtone", ("T AH CH T OW N",)),
        ("waldo's", ("W AA L D OW Z",)),
        ("reread", ("R IY R EH D", "R IY R IY D")),
        ("pbx", ("P IY B IY EH K S",)),
        ("iax", ("IH AE K S", "AY EY EH K S")),
        ("dahdi", ("D AA D IY",)),
        ("blicket", ("B L IH K EH T",)),
        ("fammo", ("F AE M OW",)),
    ],
)
def test_a_word_is_pronounced(word, pronunciations):
    assert pronounce(word, DICTIONARY) == pronunciations


def test_any_letters_have_some_pronunciation_of_known_phones():
    phones = set(
        "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG".split()
    )
    phones |= set("OW OY P R S SH T TH UH UW V W Y Z ZH".split())
    for word in ("rhythm", "queue", "xylophone", "a'b", "hhh", "tsch", "eau", "yyy"):
        for spoken in pronounce(word, {}):
            assert spoken
            assert set(spoken.split()) <= phones
