"""Addresses of the houses: the desk's stays and the host's page."""

from django.urls import path

from shelters import address, burned_page, host, host_house, house_pages, locking, pages, starting, stay_changes
from shelters.placement import pages as placement

app_name = "stays"
urlpatterns = [
    path("stays/", pages.calendar, name="list"),
    path("stays/start/", starting.start, name="start"),
    path("stays/lock/", locking.lock, name="lock"),
    path("stays/houses/", house_pages.houses, name="houses"),
    path("stays/houses/new/", house_pages.make, name="house_new"),
    path("stays/houses/<uuid:house_id>/", house_pages.house, name="house"),
    path("stays/houses/<uuid:house_id>/change/", house_pages.change, name="house_change"),
    path("stays/houses/<uuid:house_id>/opened/<slug:what>/", house_pages.look, name="house_opened"),
    path("stays/houses/burned/", burned_page.choose, name="burned_choose"),
    path("stays/houses/<uuid:house_id>/burned/", burned_page.burned, name="burned"),
    path("stays/find/<uuid:case_id>/", pages.find, name="find"),
    path("cases/<uuid:case_id>/places/", placement.places, name="places"),
    path("stays/proposals/new/", placement.propose, name="propose"),
    path("stays/proposals/<uuid:proposal_id>/", placement.proposal, name="proposal"),
    path("stays/<uuid:stay_id>/", pages.stay, name="stay"),
    path("stays/<uuid:stay_id>/move/", stay_changes.move, name="move"),
    path("stays/<uuid:stay_id>/until/", stay_changes.until, name="until"),
    path("stays/<uuid:stay_id>/address/", address.look, name="address"),
    path("stays/<uuid:stay_id>/greeting/", stay_changes.greeting, name="greeting"),
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
