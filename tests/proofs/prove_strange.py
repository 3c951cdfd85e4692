"""G42: whatever is sent, the answer is a page: no error of ours, no traceback; and no cell that a spreadsheet would run."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from relocation.intake.formulas import begins_like_formula, neutral
from relocation.models import Stage
from tests.proofs.addresses import Address, of_case, of_nobody
from tests.proofs.matrix import Matrix, SignIn, sample
from tests.proofs.tally import QUICK, SEED, Tally, guarantee, scale
from tests.proofs.world import World

pytestmark = guarantee("G42")
STRANGE = (
    "\x00", "a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "\u202egnp.exe", "\u200f\u2066rtl",
    "A" * 1_000_000,
    "9" * 400, "-1", "1e400", "99999999999999999999", "not-a-uuid", "00000000-0000-0000-0000-000000000000", "../../etc/passwd",
    "<script>alert(1)</script>", "{{ 7 * 7 }}", "%s%n%x", "' OR 1=1 --", "=cmd|'/c calc'!A0", "\r\nSet-Cookie: a=b", "2026-02-30",
    "9999-99-99", "💣" * 300, "",
)  # fmt: skip
QUERIES = (
    "?q=%00",
    "?page=-1",
    "?page=99999999999999999999",
    "?sort=%ED%A0%80",
    "?stage=x&stage=y",
    "?next=//elsewhere.example",
    "?%FF=%FE",
)
TRACES = (b"Traceback", b"Exception Type", b"django.core", b"psycopg")


def calm(answer: Any) -> bool:
    return answer.status_code < 500 and not any(trace in answer.content for trace in TRACES if not answer.streaming)


def test_every_form_takes_whatever_is_typed(world: World, signed_in: SignIn, tally: Tally) -> None:
    """Everybody's forms, with strange words in every field at once, in each field alone, and each field twice."""
    matrix = Matrix(world, signed_in)
    strange = itertools.cycle(STRANGE[:-1])
    tally.count("5xx", 0)
    for username in ("vera",) if QUICK else ("vera", "mara", "hanna", "otto", "elise"):
        client = matrix.browser(username)
        addresses = [*of_case(world.one(Stage.LODGED)), *(a for a in of_nobody() if a.route not in ("/leave", "/sign-out/"))]
        for path, data in list(unique(matrix.sendings(addresses[:: scale(1, 2)]), addresses)):
            tries = [
                {name: [next(strange)] for name in data},
                {name: [*values, *values, "x"] for name, values in data.items()},
                {},
            ]
            tries += [data | {name: [next(strange)]} for name in list(data)[: scale(99, 1)]]
            for sent in tries:
                said(tally, client.post(path, sent), f"{username} sent {path} {str(sent)[:80]}")


def unique(sendings: Any, addresses: list[Address]) -> Any:
    """Each form once, by its route and its fields, whichever record it is about."""
    seen, routes = set(), {address.path: address.route for address in addresses}
    for path, data in sendings:
        if (key := (routes.get(path, path), tuple(sorted(data)))) not in seen:
            seen.add(key)
            yield path, data


def said(tally: Tally, answer: Any, words: str) -> None:
    tally.check(calm(answer), f"{words}: {answer.status_code}")
    tally.count("5xx", answer.status_code >= 500)


def test_every_address_takes_whatever_is_asked(world: World, signed_in: SignIn, tally: Tally) -> None:
    client = Matrix(world, signed_in).browser("vera")
    pages: list[Address] = [*of_nobody(), *of_case(world.one(Stage.LODGED))]
    queries = itertools.cycle(QUERIES)
    for address in sample(pages, 0):
        if address.route in ("/leave", "/sign-out/"):
            continue
        for query in itertools.islice(queries, scale(len(QUERIES), 1)):
            said(tally, client.get(address.path + query), f"{address.path}{query}")
    for path in (
        "/cases/not-a-uuid/",
        "/cases/%00/",
        "/cases/../../etc/passwd",
        "/" + "a" * 9000,
        "/cases//",
        "/%ED%A0%80/",
        "/cases/٣/",
    ):
        said(tally, client.get(path), path[:40])
    for kind in (
        "application/json",
        "text/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "application/x-www-form-urlencoded; charset=x",
    ):
        said(tally, client.generic("POST", "/referrals/", b"\x00\xff{", content_type=kind), kind)


@pytest.mark.nodb
def test_no_cell_is_calculated(tally: Tally) -> None:
    """OWASP's signs, behind whatever stands before them; what is harmless stays as it is."""

    @seed(SEED)
    @settings(max_examples=scale(2000, 200), database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        before=st.text(st.sampled_from(" \t\r\n\x00\x1f\u200b\ufeff"), max_size=3),
        sign=st.sampled_from("=+-@\t\r＝＋－＠"),
        rest=st.text(),
    )
    def disarmed(before: str, sign: str, rest: str) -> None:
        tally.check(not begins_like_formula(neutral(before + sign + rest)), f"{before + sign + rest!r}")

    disarmed()
    for plain in ("Mary", "2026-01-01", "a=b", ""):
        tally.check(neutral(plain) == plain, f"{plain} was changed")
