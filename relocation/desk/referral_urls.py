"""Addresses of the import pages; relocation/desk/urls.py takes them in."""

from __future__ import annotations

from django.urls import path

from relocation.desk import chains, referrals, triage

urlpatterns = [
    path("referrals/", referrals.upload, name="referrals"),
    path("referrals/leads/", triage.triage, name="triage"),
    path("referrals/chains/", chains.burned_chains, name="chains"),
    path("referrals/<uuid:file_id>/", referrals.file, name="referral_file"),
    path("referrals/<uuid:file_id>/refused/", referrals.refused, name="referral_refused"),
]
