"""The same headers on every response, whoever made it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from relocation.desk import entrance
from relocation.safety.headers import HEADERS

USUAL = {*HEADERS, "Content-Security-Policy", "Cache-Control"}


class TestHeaders:
    def test_pages_refusals_errors_files_and_redirects_say_the_same(self, kestrel, vera, hanna, signed_in, monkeypatch):
        client, strict = signed_in(vera), Client(enforce_csrf_checks=True)
        broken = Client(raise_request_exception=False)
        monkeypatch.setattr(entrance, "render", None)
        answers = {
            "page": client.get(reverse("desk:day")),
            "redirect": Client().get("/"),
            "not there": client.get("/nowhere/"),
            "not theirs": signed_in(hanna).get(reverse("desk:case", args=[kestrel.pk])),
            "without slash": client.get("/cases"),
            "method": client.post(reverse("left")),
            "forged": strict.post(reverse("sign-in")),
            "host": broken.get("/", HTTP_HOST="elsewhere.example"),
            "failed": broken.get(reverse("left")),
            "style": client.get("/static/app.css"),
            "health": client.get(reverse("healthz")),
        }
        assert [answers[name].status_code for name in ("method", "forged", "host", "failed")] == [405, 403, 400, 500]
        said = {name: {head: answer.get(head) for head in USUAL} for name, answer in answers.items()}
        styled = said.pop("style")
        assert {str(sorted(heads.items())) for heads in said.values()} == {str(sorted(said["page"].items()))}
        assert {name for name in USUAL if styled[name] != said["page"][name]} == {"Cache-Control"}
        assert None not in said["page"].values() and "unsafe" not in said["page"]["Content-Security-Policy"]

    @pytest.mark.parametrize("name", ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME"])
    def test_cookies_are_bound_to_this_host_where_the_connection_is_secure(self, name):
        assert getattr(settings, name).startswith("__Host-") is settings.SECURE
