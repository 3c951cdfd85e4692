"""docs/guarantees.md, written from build/prove.json: `python -m tests.proofs.describe` after a full `make prove`."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.proofs.limits import LIMITS
from tests.proofs.promises import PROMISES

KEPT, PAGE = Path("build/prove.json"), Path("docs/guarantees.md")
BASE = {"promise", "passed", "total", "seconds", "seed", "ok", "not_yet"}


def page(told: dict[str, Any]) -> str:
    """The page: each promise, its figures, and what it does not say."""
    run = told["run"]
    head = [
        "# Guarantees",
        "",
        "What Harbour promises, and the figures of the last full run of `make prove`, which `python -m tests.proofs.describe`",
        "wrote down here. A promise without a figure, or of which something was skipped, has failed; `not yet` comes later.",
        "",
        f"{run['passed']} of {run['total']} guarantees held in {run['seconds'] / 60:.0f} minutes on two cores: "
        f"seed {run['seed']}, Python {run['versions']['python']} and Django {run['versions']['django']}.",
        "",
        "| | promise | passed / total | figures | what it does not say |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(number, told.get(number, {})) for number in PROMISES), ""])


def _row(number: str, row: dict[str, Any]) -> str:
    return f"| {number} | {PROMISES[number]} | {_passed(row)} | {_figures(row)} | {LIMITS.get(number, '')} |"


def _passed(row: dict[str, Any]) -> str:
    if row.get("not_yet"):
        return "not yet"
    return f"{row.get('passed', 0):,} / {row.get('total', 0):,}" + ("" if row.get("ok") else " **failed**")


def _figures(row: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {figure:,}" for name, figure in row.items() if name not in BASE)


def main() -> int:
    """Write the page, unless the last run was partial."""
    told = json.loads(KEPT.read_text())
    if told["run"]["partial"]:
        sys.stderr.write("The last run was partial (QUICK=1). Run `make prove` first.\n")
        return 1
    PAGE.write_text(page(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
