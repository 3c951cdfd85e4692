"""Random letters that are easily read aloud and say nothing."""

import secrets

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def random_letters(count: int) -> str:
    """So many letters and digits, none of which is mistaken for another."""
    return "".join(secrets.choice(LETTERS) for _place in range(count))
