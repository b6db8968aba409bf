"""Writes a pair of place classes as one sentence."""

import numpy as np

__all__ = ["CLASS_NAMES", "write_sentence"]

_TOPICS = {
    "harbour": "boat anchor dock sailor tide ferry pier crane",
    "forest": "tree moss trail squirrel branch fern oak cabin",
    "kitchen": "pan oven spoon butter recipe plate kettle soup",
    "station": "train platform ticket luggage rail conductor timetable carriage",
    "workshop": "hammer drill bench sawdust wrench vice plank toolbox",
    "school": "pupil chalk lesson teacher desk homework exam classroom",
    "farm": "cow barn tractor hay orchard plough fence harvest",
    "stadium": "goal crowd referee whistle team score match banner",
}
CLASS_NAMES = tuple(_TOPICS)
_WORDS = tuple(tuple(words.split()) for words in _TOPICS.values())
_DISTRACTORS = tuple(
    "morning window letter story colour corner garden friend minute road "
    "picture bag market shadow river".split()
)
_TEMPLATES = (
    "The {0} were near a {2} that {3} with the {1} in a {4}.",
    "We saw the {0}, then the {1}, and a {4} before the {2} {3}.",
    "After the {4} somebody {3} past the {0}, the {2} and the {1}.",
    "A {2} behind the {0} {3} until the {4} reached the {1}.",
    "Here is the {0} by the {4}, and the {1} {3} for every {2}.",
)
_VERBS = ("stood", "waited", "changed", "appeared", "went", "stayed", "moved")


def write_sentence(classes: tuple[int, int], rng: np.random.Generator) -> str:
    """Mention two words of each class among words of none.

    Parameters
    ----------
    classes : tuple of two ints
        The classes of the two phrases; which comes first is drawn at random.
    rng : numpy.random.Generator
        The only source of randomness.

    Returns
    -------
    str
        One sentence.
    """
    phrases = [
        str(rng.choice(("{} and {}", "{} with the {}", "{} or {}"))).format(
            *rng.choice(_WORDS[label], size=2, replace=False)
        )
        for label in rng.permutation(classes)
    ]
    thing, occasion = rng.choice(_DISTRACTORS, size=2, replace=False)
    template = str(rng.choice(_TEMPLATES))
    return template.format(*phrases, thing, rng.choice(_VERBS), occasion)
