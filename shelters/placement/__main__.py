"""python -m shelters.placement FILE.json [--seconds N]: solve a placement problem and print the answer as one line of JSON.

`-` reads from standard input. A file that is no problem ends with a sentence and code 2. It needs no database and no settings.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from shelters.placement.reading import Unreadable, read
from shelters.placement.solver import SECONDS, solve


def main(words: list[str] | None = None) -> int:
    """Read, solve, print; 0 where an answer was printed."""
    asked = _words(words)
    try:
        problem = read(_text(asked.file))
    except (Unreadable, OSError, UnicodeDecodeError) as error:
        print(f"{asked.file}: {error}", file=sys.stderr)
        return 2
    print(json.dumps(solve(problem, seconds=asked.seconds).told()))
    return 0


def _words(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m shelters.placement", description="Place households into places, whole.")
    shape = '{"sizes": [..], "capacities": [..], "scores": [[..]]}'
    parser.add_argument("file", help=f"{shape}, with null for a forbidden pair; - for standard input")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long it may look for a better answer")
    return parser.parse_args(words)


def _text(file: str) -> str:
    return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
