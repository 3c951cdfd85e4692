"""G18: what is in memory stays there; processes that hold keys leave no core behind, and nothing of theirs is swapped out."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import BOTH
from relocation.safety import keys, master
from tests.proofs.tally import Tally, guarantee
from tests.safety.processes import asked, at_tests_databases, pages

CORE, SWAPPED = "Max core file size", "VmSwap:"


@pytest.mark.django_db(transaction=True, databases=BOTH)
@guarantee("G18")
def test_no_process_that_holds_keys_leaves_them_on_a_disk(key_file: Path, tally: Tally) -> None:
    """Pages as `make run` starts them, and this process, which does what the worker does."""
    tally.check(master.in_memory(key_file.parent) and keys.is_brought(), "the key lies on a disk")
    with pages(at_tests_databases(HARBOUR_KEY_FILE=str(key_file))) as (address, process):
        tally.check(asked(f"{address}/healthz")[0] == 200, "the pages did not open")
        held = [os.getpid(), *family(process.pid)]
        for pid in held:
            tally.check(told(pid, "limits", CORE).split()[:2] == ["0", "0"], f"process {pid} would leave a core")
            tally.check(told(pid, "status", SWAPPED).split() == ["0", "kB"], f"something of process {pid} is swapped out")
    tally.check(len(held) >= 4, f"only {len(held)} processes were looked at")
    tally.count("swap_areas", len(Path("/proc/swaps").read_text().splitlines()) - 1)


def told(pid: int, file: str, words: str) -> str:
    """What the kernel says of a process behind these words."""
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return next(line.removeprefix(words) for line in lines if line.startswith(words))


def family(pid: int) -> Iterator[int]:
    """A process and everybody whom it has started."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from family(int(child))
