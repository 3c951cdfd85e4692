"""Addresses of the embassy desk."""

from __future__ import annotations

from django.urls import path

from relocation.embassy import pages

app_name = "embassy"
urlpatterns = [
    path("embassy/", pages.inbox, name="inbox"),
    path("embassy/<uuid:paper_id>/", pages.dossier, name="dossier"),
    path("embassy/<uuid:paper_id>/file/", pages.file, name="file"),
    path("embassy/<uuid:paper_id>/acknowledge/", pages.acknowledge, name="acknowledge"),
    path("embassy/<uuid:paper_id>/wrong/", pages.wrong, name="wrong"),
    path("embassy/<uuid:paper_id>/ask/", pages.ask, name="ask"),
    path("embassy/<uuid:paper_id>/decide/", pages.decide, name="decide"),
]
