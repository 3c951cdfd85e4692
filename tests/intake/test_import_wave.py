"""Ages told by partial dates, and a wave of rows: quick enough, and in bounded memory."""

import io
import json
import time
import tracemalloc

import pytest
from django.core.management import call_command

from relocation.intake import importing
from relocation.intake.importing import under_age
from relocation.models import Case
from relocation.models.dates import PartialDate
from tests.intake.files import HEADER, REFERRALS, TODAY, as_csv, look, people

EXPECTED = json.loads((REFERRALS / "expected.json").read_text(encoding="utf-8"))
NOTHING = {
    "rows": 0, "refused": {}, "likely_duplicates": [], "kept_as_text": [], "ignored": [], "refused_whole": False
}  # fmt: skip
ADAM = ["1", "Цаплин", "Адам", "20.03.1995", "+79892167937", "да"]


def said(*files, **options):
    """What the command writes."""
    out = io.StringIO()
    call_command("import_referrals", *map(str, files), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def found(*files, **options):
    """What the command writes as JSON, one object per file."""
    return [json.loads(line) for line in said(*files, preview=True, json=True, **options).splitlines()]


def cases(by, acting):
    """How many cases somebody may open."""
    with acting(by):
        return Case.objects.visible_to(by).count()


@pytest.fixture
def adam(tmp_path):
    """A file with one row."""
    path = tmp_path / "adam.csv"
    path.write_bytes(as_csv(HEADER, ADAM).getvalue())
    return path


class TestAge:
    @pytest.mark.parametrize(
        ("birth", "minor"),
        [
            (PartialDate(2008, 11, 24), True), (PartialDate(2008, 11, 23), False), (PartialDate(2009), True),
            (PartialDate(2008), False), (PartialDate(2012, about=True), False), (None, False),
        ],
    )  # fmt: skip
    def test_only_who_is_certainly_under_18_is_marked(self, birth, minor):
        assert under_age(birth, TODAY) is minor


class TestAWave:
    def test_of_1000_is_imported_in_bounded_time_and_memory(self, mara, acting):
        rows = look(as_csv(HEADER, *people(1000))).good
        began, cpu = time.perf_counter(), time.process_time()
        with acting(mara):
            importing.save(rows[:800], by=mara)
            print(f"\n800 cases: {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} s of them ours")
            assert time.process_time() - cpu < 40
            tracemalloc.start()
            importing.save(rows[800:900], by=mara)
            before = tracemalloc.get_traced_memory()[0]
            done = importing.save(rows[900:], by=mara)
            grown = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
            assert grown < 1_000_000
            assert len(done.added) == 100
            assert importing.save(rows, by=mara).already == 1000
