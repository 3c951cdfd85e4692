"""A problem from a file: sizes, capacities, scores, null for a forbidden pair. What is wrong with it is said in a sentence."""

from __future__ import annotations

import json
import math
from typing import Any

from shelters.placement.problem import Problem

GREATEST_COUNT = 1 << 40  # people in a household, beds in a place
GREATEST_SCORE = 1e15


class Unreadable(ValueError):
    """This is no placement problem; the sentence says why."""


def read(text: str) -> Problem:
    """Read a problem from JSON. Raises `Unreadable`."""
    told = _object(text)
    sizes, capacities = _counts(told, "sizes"), _counts(told, "capacities")
    scores = told["scores"]
    if not isinstance(scores, list) or len(scores) != len(sizes):
        raise Unreadable(f'"scores" needs a list of {len(sizes)} rows, one for each of "sizes".')
    return Problem.of(sizes, capacities, [_row(row, at, len(capacities)) for at, row in enumerate(scores)])


def _object(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text, parse_constant=_no_number)
    except Unreadable:
        raise
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"This is not JSON: {error}") from None
    if not isinstance(told, dict):
        raise Unreadable('The file holds one object with "sizes", "capacities" and "scores".')
    if missing := [name for name in ("sizes", "capacities", "scores") if name not in told]:
        raise Unreadable(f'"{missing[0]}" is missing.')
    return told


def _no_number(name: str) -> float:
    raise Unreadable(f"{name} is no number that can be counted with.")


def _counts(told: dict[str, Any], name: str) -> list[int]:
    if not isinstance(told[name], list):
        raise Unreadable(f'"{name}" needs a list of whole numbers.')
    return [_count(number, f'"{name}", number {at}') for at, number in enumerate(told[name])]


def _count(number: Any, where: str) -> int:
    whole = _is_number(number) and math.isfinite(number) and float(number).is_integer()
    if not (whole and 0 <= number <= GREATEST_COUNT):
        raise Unreadable(f"{where}: {_shown(number)} is not a whole number from 0 to {GREATEST_COUNT}.")
    return int(number)


def _row(row: Any, at: int, places: int) -> list[float | None]:
    if not isinstance(row, list) or len(row) != places:
        raise Unreadable(f'"scores", row {at}: it needs {places} entries, one for each of "capacities".')
    return [None if score is None else _score(score, f'"scores", row {at}, entry {n}') for n, score in enumerate(row)]


def _score(score: Any, where: str) -> float:
    if not _is_number(score) or not abs(score) <= GREATEST_SCORE:
        raise Unreadable(f"{where}: {_shown(score)} is neither null nor a number up to {GREATEST_SCORE:g}.")
    return float(score)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    return json.dumps(value)[:40]
