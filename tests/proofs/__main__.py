"""make prove: all proofs, in two halves side by side; name files (`prove_keys.py`) or `-k words` for some of them, in one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from config import embedded
from tests.proofs.report import Book

HERE = Path("tests/proofs")
PYTEST = ("-m", "pytest", "-q", "-o", "python_files=prove_*.py")
# By measured seconds half of them all. The other half has the rest, new files too.
HALF = (
    "alike", "at_rest", "clock", "danger", "faults", "fields", "graph", "ledger", "matrix", "mutants", "races", "stays",
    "strange", "walls",
)  # fmt: skip
FIRST = frozenset(f"prove_{topic}.py" for topic in HALF)


def main(asked: list[str]) -> int:
    """Run the proofs, print the table, write build/prove.json if all were asked for; 0 only if every one holds."""
    os.environ["HARBOUR_INSECURE_LOCAL"] = "1"
    return some(asked) if any(word == "-k" or word.startswith("prove_") for word in asked) else whole(asked)


def some(asked: list[str]) -> int:
    """Those that were named, in this process."""
    os.environ["HARBOUR_STATE"] = str(state())
    files = [str(HERE / word) if word.startswith("prove_") else word for word in asked]
    place = [] if any(word.startswith(str(HERE)) for word in files) else [str(HERE)]
    return int(pytest.main([*PYTEST[2:], *place, *files]))


def whole(options: list[str]) -> int:
    """The halves, on servers of their own; what the second says is kept until the first has said all."""
    book = Book(whole=True)
    with tempfile.TemporaryDirectory() as place:
        ended = run(halves(), options, Path(place))
        for told in sorted(Path(place).glob("*.json")):
            book.join(told)
    sys.stdout.write("\n".join(["", *book.lines(), ""]))
    book.keep()
    return ended or int(not book.ok)


def run(halves: list[list[str]], options: list[str], place: Path) -> int:
    """Run each half as a process that leaves its rows in `place`. The worst of their answers."""
    running = []
    for number, files in enumerate(halves):
        told = {"HARBOUR_STATE": str(state(number)), "HARBOUR_PROVE_ROWS": str(place / f"{number}.json")}
        kept = (place / f"{number}.txt").open("w+") if number else None
        command = [sys.executable, *PYTEST, *files, *options]
        running.append((subprocess.Popen(command, env=os.environ | told, stdout=kept, stderr=kept), kept))
    ended = 0
    for process, kept in running:
        ended = max(ended, process.wait())
        if kept:
            kept.seek(0)
            sys.stdout.write(kept.read())
    return ended


def halves() -> list[list[str]]:
    """Which files each process proves: one has all, where the environment names servers, since they would share them."""
    files = sorted(HERE.glob("prove_*.py"))
    if len(embedded.missing()) < 2:
        return [[str(HERE)]]
    return [[str(path) for path in files if (path.name in FIRST) == first] for first in (True, False)]


def state(number: int = 0) -> Path:
    """Where a half keeps its state."""
    here = embedded.state()
    place = here.parent if here.name == "prove" else here
    return place / ("second" if number else "") / "prove"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
