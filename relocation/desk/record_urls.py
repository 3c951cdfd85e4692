"""Addresses of what is recorded on a case; `urls` takes them in."""

from django.urls import URLPattern, path

from relocation.desk import documents, household, papers, people, records, reveal, thread

_CASE = "cases/<uuid:case_id>"

urlpatterns: list[URLPattern] = [
    path(f"{_CASE}/records/<slug:kind>/", records.record, name="record"),
    path(f"{_CASE}/documents/", documents.documents, name="documents"),
    path(f"{_CASE}/documents/<uuid:document_id>/", documents.document, name="document"),
    path(f"{_CASE}/documents/<uuid:document_id>/scans/<uuid:scan_id>/", documents.scan, name="scan"),
    path(f"{_CASE}/papers/", papers.papers, name="papers"),
    path(f"{_CASE}/papers/<uuid:paper_id>/", papers.paper, name="paper"),
    path(f"{_CASE}/posts/<uuid:application_id>/", thread.thread, name="thread"),
    path(f"{_CASE}/reveal/<slug:kind>/", reveal.reveal, name="reveal"),
    path(f"{_CASE}/household/", household.household, name="household"),
    path(f"{_CASE}/people/", people.people, name="people"),
]
