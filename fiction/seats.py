"""Legs that many share, and a firm seat on one of them for each."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from fiction.story import Story, as_
from logistics import dispatch
from logistics.models import Leg, Passage
from relocation.models import Account


def leg(by: Account, mode: str, hours: float, lasts: float, seats: int, **told: Any) -> Leg:
    """A leg that leaves in so many hours, for so many people."""
    leaves = timezone.now() + timedelta(hours=hours)
    told = {"from_place": "Point A", "to_place": "Point C"} | told
    with as_(by):
        new = Leg(mode=mode, departs_at=leaves, arrives_at=leaves + timedelta(hours=lasts), seats=seats, **told)
        return dispatch.add_leg(new, by=by)


def board(story: Story, purpose: str, on: Leg, *, ticket: str = "", **told: Any) -> Passage:
    """A way of one leg for one person, firm; with a ticket where one is bought."""
    with as_(story.ground["vera"]) as vera:
        passage = dispatch.plan(story.case(vera), purpose, [], by=vera, **told)
        seat = dispatch.take_seat(passage, on, by=vera, meeting_point="the kiosk", code_phrase="Is the ferry late?")
        if ticket:
            dispatch.ticket(seat, ticket, by=vera)
        return dispatch.confirm(passage, by=vera)
