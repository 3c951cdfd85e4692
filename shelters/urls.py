"""Addresses of the houses: the desk's stays and the host's page."""

from django.urls import path

from shelters import burned_page, host, locking, pages, starting
from shelters.placement import pages as placement

app_name = "stays"
urlpatterns = [
    path("stays/", pages.calendar, name="list"),
    path("stays/start/", starting.start, name="start"),
    path("stays/lock/", locking.lock, name="lock"),
    path("stays/houses/burned/", burned_page.choose, name="burned_choose"),
    path("stays/houses/<uuid:house_id>/burned/", burned_page.burned, name="burned"),
    path("stays/find/<uuid:case_id>/", pages.find, name="find"),
    path("cases/<uuid:case_id>/places/", placement.places, name="places"),
    path("stays/proposals/new/", placement.propose, name="propose"),
    path("stays/proposals/<uuid:proposal_id>/", placement.proposal, name="proposal"),
    path("stays/<uuid:stay_id>/", pages.stay, name="stay"),
    path("host/", host.home, name="host"),
    path("host/arrivals/", host.arrivals, name="arrivals"),
    path("host/free/", host.free, name="free"),
    path("host/undo/", host.undo, name="undo"),
    path("host/<uuid:stay_id>/", host.door, name="door"),
    path("host/<uuid:stay_id>/wrong/", host.wrong, name="wrong"),
]
