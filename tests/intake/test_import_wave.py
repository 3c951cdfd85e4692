"""Ages told by partial dates, and a wave of rows: quick enough, and in bounded memory."""

import time
import tracemalloc

import pytest

from relocation.intake import importing
from relocation.models.dates import PartialDate, under_age
from tests.intake.files import HEADER, TODAY, as_csv, look, people


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
