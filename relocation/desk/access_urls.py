"""Addresses of access: given, looked at, handed over, barred; `urls` takes them in."""

from django.urls import URLPattern, path

from relocation.desk.bars import bars
from relocation.desk.custody import access
from relocation.desk.leaving import leaving
from relocation.desk.retention import retention
from relocation.desk.review import review
from relocation.desk.transfer import offer, offered

urlpatterns: list[URLPattern] = [
    path("access/", access, name="access"),
    path("access/review/", review, name="review"),
    path("access/leaving/", leaving, name="leaving"),
    path("transfers/<uuid:transfer_id>/", offered, name="offered"),
    path("cases/<uuid:case_id>/transfer/", offer, name="transfer"),
    path("cases/<uuid:case_id>/retention/", retention, name="retention"),
    path("cases/<uuid:case_id>/bars/", bars, name="bars"),
]
