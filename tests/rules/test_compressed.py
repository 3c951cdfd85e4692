"""What goes over a slow line: our files compressed, whole, and never twice."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.nodb
FIRST = ("app.css", "app.js", "htmx.min.js", "icons.svg")


def sent(name: str, **headers: str) -> tuple[Any, bytes]:
    response: Any = Client(headers=headers).get(f"/static/{name}")
    return response, b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("name", FIRST)
class TestAFile:
    def test_comes_small_to_whoever_takes_it_and_whole_to_others(self, name: str) -> None:
        whole = (settings.BASE_DIR / "static" / name).read_bytes()
        response, small = sent(name, accept_encoding="gzip, deflate, br")
        assert response["Content-Encoding"] == "gzip" and response["Vary"] == "Accept-Encoding"
        assert gzip.decompress(small) == whole and len(small) == int(response["Content-Length"]) < len(whole)
        for refusing in ("", "identity", "gzip;q=0, identity"):
            response, plain = sent(name, accept_encoding=refusing)
            assert "Content-Encoding" not in response and response["Vary"] == "Accept-Encoding" and plain == whole

    def test_is_not_sent_again_and_a_part_is_a_part(self, name: str) -> None:
        response, _body = sent(name, accept_encoding="gzip")
        again, nothing = sent(name, accept_encoding="gzip", if_none_match=response["ETag"])
        assert again.status_code == 304 and nothing == b"" and "Content-Encoding" not in again
        part, body = sent(name, accept_encoding="gzip", range="bytes=0-9")
        assert part.status_code == 206 and len(body) == 10 and "Content-Encoding" not in part


def test_the_first_load_stays_under_its_budget() -> None:
    bytes_sent = {name: len(sent(name, accept_encoding="gzip")[1]) for name in FIRST}
    assert sum(bytes_sent.values()) <= 28_000 and bytes_sent["app.css"] <= 12_000 and bytes_sent["app.js"] <= 3_000
