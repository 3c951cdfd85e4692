"""The addresses of the desk."""

from django.urls import URLPattern, path

from relocation.desk import access_urls, ledger_page, record_urls, referral_urls, wave_urls
from relocation.desk.approvals import answer, approvals
from relocation.desk.case import case
from relocation.desk.cases import cases
from relocation.desk.danger import danger
from relocation.desk.day import day
from relocation.desk.deadlines import deadline
from relocation.desk.incident import alarm, incident
from relocation.desk.reminding import remind
from relocation.desk.steps import step

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", day, name="day"),
    path("cases/", cases, name="cases"),
    path("cases/<uuid:case_id>/", case, name="case"),
    path("cases/<uuid:case_id>/steps/<str:step>/", step, name="step"),
    path("cases/<uuid:case_id>/deadlines/<uuid:deadline_id>/", deadline, name="deadline"),
    path("cases/<uuid:case_id>/alarm/", alarm, name="alarm"),
    path("cases/<uuid:case_id>/incident/", incident, name="incident"),
    path("danger/", danger, name="danger"),
    path("approvals/", approvals, name="approvals"),
    path("approvals/<uuid:approval_id>/", answer, name="answer"),
    path("approvals/<uuid:approval_id>/remind/", remind, name="remind"),
]
urlpatterns += record_urls.urlpatterns
urlpatterns += referral_urls.urlpatterns
urlpatterns += access_urls.urlpatterns
urlpatterns += ledger_page.urlpatterns
urlpatterns += wave_urls.urlpatterns
