"""A wave of 5,000 rows is looked at in memory that hardly grows, and says how far it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake.files import HEADER, as_csv, as_xlsx, people

pytestmark = pytest.mark.nodb
SMALL, LARGE = 1_000, 5_000  # rows
PER_ROW = 1_600  # bytes: what a row says and what it is compared by
LOOK = """
import resource, sys, django
django.setup()
from django.core.management import call_command
import openpyxl, phonenumbers
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
call_command("import_referrals", sys.argv[1], preview=True)
print(peak() - before)
"""


def looking(path: Path) -> subprocess.Popen[str]:
    """A program of its own that previews a file, and says last by how many kilobytes its peak rose."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "HARBOUR_INSECURE_LOCAL": "1"}
    return subprocess.Popen([sys.executable, "-c", LOOK, str(path)], env=env, stdout=-1, stderr=-1, text=True)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_takes_little_more_for_five_times_the_rows(kind: str, tmp_path: Path) -> None:
    grown = {}
    started = {rows: looking(written(kind, rows, tmp_path)) for rows in (SMALL, LARGE)}
    for rows, program in started.items():
        out, err = program.communicate(timeout=120)
        assert program.returncode == 0 and f"{rows} rows read" in err, err
        assert f"{rows // 2} rows read" in err and f"{rows} rows can be imported" in out
        grown[rows] = int(out.split()[-1]) * (1 if sys.platform == "darwin" else 1024)
    assert (grown[LARGE] - grown[SMALL]) / (LARGE - SMALL) < PER_ROW, grown


def written(kind: str, rows: int, where: Path) -> Path:
    """A file of so many invented people."""
    path = where / f"{rows}.{kind}"
    path.write_bytes((as_csv if kind == "csv" else as_xlsx)(HEADER, *people(rows)).getvalue())
    return path
