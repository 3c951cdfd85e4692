"""G1: every route says who may open it; methods that it does not know are refused."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.proofs.tally import Tally, guarantee


def routes(under: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every route, as Django resolves it."""
    for entry in (under or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry)
        else:
            yield entry


@pytest.mark.nodb
@guarantee("G1")
def test_every_route_declares_its_policy(tally: Tally) -> None:
    for route in routes():
        tally.check(getattr(route.callback, "policy", ""), f"{route.pattern} declares nothing")


@guarantee("G2")
def test_the_world_stands(world, lasting, tally: Tally) -> None:
    print("world", world.seconds, len(world.canaries.planted))
    tally.check(len(list(world.all())) >= 20)
