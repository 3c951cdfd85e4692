"""What needs say about a house: words of the card that a house answers with yes or no. Other words are shown, not judged."""

from collections.abc import Iterable

# Attribute of a house: beginnings of words that ask for it, in the languages that cards are written in.
ASKED_FOR = {
    "step_free": ("wheelchair", "step-free", "stair", "crutch", "коляск", "лестниц", "ступен", "rollstuhl", "treppe", "fauteuil"),
    "pets": ("pet", "cat", "dog", "кот", "кошк", "собак", "haustier", "katze", "hund", "chien"),
    "smoking": ("smok", "курит", "куря", "rauch", "fume"),
}


def asked_for(needs: Iterable[str]) -> set[str]:
    """The attributes that somebody's needs ask for."""
    words = [word.strip(".,;()").casefold() for need in needs for word in need.split()]
    return {name for name, stems in ASKED_FOR.items() if any(word.startswith(stem) for word in words for stem in stems)}
