import cProfile, pstats, time, os
import pytest
from relocation.intake import importing
from tests.intake.files import HEADER, as_csv, look, people

def test_profile(mara, acting):
    from django.db import connection
    rows = look(as_csv(HEADER, *people(200))).good
    with acting(mara):
        importing.save(rows[:20], by=mara)
        from django.test.utils import CaptureQueriesContext
        with CaptureQueriesContext(connection) as q:
            importing.save(rows[20:21], by=mara)
        for x in q.captured_queries: print(x["time"], x["sql"][:150])
        p = cProfile.Profile(); p.enable()
        b=time.perf_counter(); importing.save(rows[21:121], by=mara); print("100 in", time.perf_counter()-b)
        p.disable(); pstats.Stats(p).sort_stats("tottime").print_stats(14)
        b=time.perf_counter(); importing.save(rows[121:], by=mara); print("79 in", time.perf_counter()-b)
