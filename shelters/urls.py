"""Addresses of the houses: the desk's stays and the host's page."""

from django.urls import path

from shelters import host, host_house, locking, pages

app_name = "stays"
urlpatterns = [
    path("stays/", pages.calendar, name="list"),
    path("stays/lock/", locking.lock, name="lock"),
    path("stays/find/<uuid:case_id>/", pages.find, name="find"),
    path("stays/<uuid:stay_id>/", pages.stay, name="stay"),
    path("host/", host.home, name="host"),
    path("host/arrivals/", host.arrivals, name="arrivals"),
    path("host/free/", host.free, name="free"),
    path("host/undo/", host.undo, name="undo"),
    path("host/nights/", host_house.close, name="close"),
    path("host/nights/open/", host_house.open_again, name="open"),
    path("host/seen/", host_house.seen, name="seen"),
    path("host/alarm/", host_house.alarm, name="alarm"),
    path("host/<uuid:stay_id>/", host.door, name="door"),
    path("host/<uuid:stay_id>/words/", host_house.words, name="words"),
    path("host/<uuid:stay_id>/wrong/", host.wrong, name="wrong"),
]
