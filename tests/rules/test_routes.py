"""Every route says who may open it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.nodb


def routes(under: URLResolver) -> Iterator[URLPattern]:
    for entry in under.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry)
        else:
            yield entry


def test_every_route_declares_its_policy():
    silent = [str(route.pattern) for route in routes(get_resolver()) if not getattr(route.callback, "policy", "")]
    assert not silent, f"Declare who may open {silent}: @case_page, @portal or @public."


def test_what_is_public_is_little():
    named = {route.name for route in routes(get_resolver()) if getattr(route.callback, "policy", "") == "public"}
    entrance = {"sign-in", "sign-in-as", "sign-out", "leave", "left", "set_language", "healthz"}
    between = {"second", "ask-passkey", "enrol", "join"}  # after a right password, or behind a link that was handed over
    assert named - {"verify", "feed"} == entrance | between
