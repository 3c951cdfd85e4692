"""G1: every route says who may open it; methods that it does not know are refused."""

import pytest
from django.test import Client

from tests.proofs.addresses import of_case, of_nobody, routes
from tests.proofs.matrix import UNKNOWN
from tests.proofs.tally import Tally, guarantee

ZERO = "00000000-0000-4000-8000-000000000000"
WORDS = ("public", "portal:", "case.open")


@guarantee("G1")
def test_every_route_declares_its_policy(tally: Tally) -> None:
    for pattern, route in routes():
        tally.check(getattr(route.callback, "policy", ""), f"{pattern} declares nothing")


@guarantee("G1")
@pytest.mark.usefixtures("world", "lasting")
def test_every_route_refuses_methods_that_it_does_not_know(tally: Tally) -> None:
    once = {address.route: address.path for address in [*of_case(ZERO), *of_nobody()]}
    tally.check(len(once) == len(list(routes())), "some route has no address")
    client = Client()
    for path in once.values():
        for method in UNKNOWN:
            tally.check(client.generic(method, path).status_code == 405, f"{method} {path}")
