"""G5 and G6: what is forbidden is what does not exist, in bytes and in time; and no id put for another opens anything."""

import re
import time
from itertools import zip_longest
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from relocation.models import Stage
from tests.proofs import owner
from tests.proofs.addresses import of_case
from tests.proofs.canaries import told_by
from tests.proofs.matrix import Matrix, SignIn
from tests.proofs.tally import QUICK, SEED, Tally, guarantee, scale
from tests.proofs.timing import auc, most
from tests.proofs.world import World

pytestmark = pytest.mark.usefixtures("lasting")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@guarantee("G5")
def test_forbidden_and_missing_are_the_same_bytes(world: World, signed_in: SignIn, tally: Tally) -> None:
    case_id = world.one(Stage.LODGED)
    for username in ("charlie", "pekka") if QUICK else ("charlie", "nora", "pekka", "pierre", "oskar"):
        client = signed_in(world[username])
        for address in of_case(case_id)[:: scale(1, 2)]:
            other = ID.sub(lambda _hit: str(uuid4()), address.path)
            for method in ("GET", "POST"):
                forbidden, missing = (plain(client.generic(method, path), path) for path in (address.path, other))
                tally.check(forbidden == missing, f"{username}: {method} {address.path} differs from what is missing")


def plain(answer: Any, path: str) -> bytes:
    """Everything that an answer tells, without what is drawn for each: the form's token, and the address asked for."""
    told = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", told_by(answer))
    return re.sub(rb"csrftoken=\S+|csrf=\S+|expires=[^;]+;", b"", told).replace(path.encode(), b"")


@guarantee("G5")
def test_time_tells_nothing_either(world: World, signed_in: SignIn, tally: Tally) -> None:
    client, real, chance = signed_in(world["charlie"]), f"/cases/{world.one(Stage.LODGED)}/", Random(SEED)
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(20):
        client.get(real)
    for _ in range(scale(2000, 150)):
        for forbidden in chance.sample((True, False), 2):
            path = real if forbidden else f"/cases/{UUID(int=chance.getrandbits(128), version=4)}/"
            began = time.perf_counter()
            client.get(path)
            times[forbidden].append(time.perf_counter() - began)
    measured = auc(times[True], times[False])
    tally.check(measured <= most(len(times[True])), f"a classifier tells them apart: AUC {measured:.3f}")
    tally.count("auc_thousandths", round(measured * 1000))
    tally.count("timings", len(times[True]) * 2)


@guarantee("G6")
def test_a_child_of_one_case_under_another_is_not_there(world: World, signed_in: SignIn, tally: Tally) -> None:
    """Vera's own case in the address, and below it everything of a case that is not hers."""
    own, foreign = world.one(Stage.LODGED), world.one(Stage.LODGED, 1)
    client = signed_in(world["vera"])
    tally.count("accepted", 0)
    for address in of_case(foreign):
        path = address.path.replace(str(foreign), str(own))
        if ID.findall(path) and set(ID.findall(path)) != {str(own)}:
            for method in ("GET", "POST"):
                answer = client.generic(method, path)
                shut = answer.status_code in (404, 405)
                tally.count("accepted", not shut)
                tally.check(shut, f"{method} {path} answered {answer.status_code}")
                told = [c for c in world.canaries.found_in(told_by(answer)) if c.about == foreign]
                tally.check(not told, f"{method} {path} told {[c.place for c in told]}")


@guarantee("G6")
def test_a_foreign_id_in_a_form_is_not_taken(world: World, signed_in: SignIn, tally: Tally) -> None:
    """Each id in each field of the lead's forms, replaced by one of the same kind from a foreign case."""
    own, foreign = world.one(Stage.LODGED), world.one(Stage.LODGED, 1)
    exchange = dict(pairs(own, foreign))
    client, tables = signed_in(world["vera"]), [t for t in owner.columns("case_id") if t != "relocation_ledgerentry"]
    before = foreign_rows(tables, foreign)
    for path, data in Matrix(world, signed_in).sendings(of_case(own)):
        changed = {name: [exchange.get(v, v) for v in values] for name, values in data.items()}
        changed |= {name: [re.sub(ID, lambda hit: exchange.get(hit[0], hit[0]), v) for v in vs] for name, vs in changed.items()}
        if changed == data:
            continue
        answer = client.post(path, changed)
        told = [c.place for c in world.canaries.found_in(told_by(answer)) if c.about == foreign]
        tally.check(not told, f"{path} told {told}")
        tally.check(foreign_rows(tables, foreign) == before, f"{path} changed something of the other case")


@guarantee("G6")
def test_lists_cannot_be_sorted_or_sifted_by_what_is_hidden(world: World, signed_in: SignIn, tally: Tally) -> None:
    client: Client = signed_in(world["vera"])
    hidden = ("surname", "identity__surname", "grants__reason", "claims__danger", "identitys__surname", "created_by__password")
    for path in ("/cases/",) if QUICK else ("/cases/", "/", "/stays/", "/approvals/"):
        for name in hidden[: scale(9, 2)]:
            for query in ({"sort": name}, {"order": f"-{name}"}, {"order_by": name}, {name: "a"}, {f"{name}__startswith": "a"}):
                plainly, asked = client.get(path), client.get(path, query)
                tally.check(asked.status_code in (200, 404), f"{path} {query}: {asked.status_code}")
                if asked.status_code == 200:
                    tally.check(ids(plainly) == ids(asked), f"{path} {query} sifts")


def ids(answer: Any) -> list[str]:
    return ID.findall(answer.content.decode())


def pairs(own: UUID, foreign: UUID) -> Any:
    """Ids of one case's rows beside those of the other's, table by table."""
    yield str(own), str(foreign)
    for table in set(owner.columns("case_id")) & set(owner.columns("id")):
        rows = [
            [str(pk) for (pk,) in owner.rows(f"SELECT id FROM {table} WHERE case_id = %s ORDER BY id", c)] for c in (own, foreign)
        ]
        yield from ((a, b) for a, b in zip_longest(*rows, fillvalue=rows[1][0] if rows[1] else "") if a and b)


def foreign_rows(tables: list[str], case_id: UUID) -> list[Any]:
    digest = "SELECT md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM {} t WHERE case_id = %s"
    return [owner.rows(digest.format(table), case_id) for table in tables]
