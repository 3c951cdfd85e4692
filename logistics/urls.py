"""The roads' addresses."""

from django.urls import path

from logistics import escort, leg_page, pages, receiver, watching

app_name = "passages"
urlpatterns = [
    path("cases/<uuid:case_id>/passages/", pages.passages, name="case"),
    path("cases/<uuid:case_id>/passages/new/", pages.new, name="new"),
    path("cases/<uuid:case_id>/passages/<uuid:passage_id>/", pages.passage, name="passage"),
    path("cases/<uuid:case_id>/passages/<uuid:passage_id>/<uuid:seat_id>/", leg_page.leg, name="leg"),
    path("cases/<uuid:case_id>/check-ins/", watching.check_in, name="check_in"),
    path("cases/<uuid:case_id>/arrival/", receiver.arrival, name="arrival"),
    path("escort/", escort.home, name="escort"),
    path("escort/<uuid:seat_id>/", escort.seat, name="escort_seat"),
]
