"""The chapters of a wave in houses: placed by a proposal, received, burned out, moved."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from fiction.bulk import Bulk
from fiction.ground import host_of
from fiction.story import Story, as_
from logistics import dispatch
from logistics.models import Seat
from relocation.journey import facts
from relocation.models import Account
from shelters import burning, hosting, moving
from shelters.models import Bed, Stay
from shelters.placement import proposing

NIGHTS = timedelta(days=21)


class Housed(Bulk):
    """Beds for everybody, and others once a house is known to the wrong people; `burned` is that house."""

    burned: UUID

    def place(self) -> None:
        today, token = timezone.localdate(), uuid4()
        with as_(self.vera) as vera:
            proposing.ask(token, self.crowd.ids, (today, today + NIGHTS), (time(18), time(21)), by=vera, wave=self.crowd.wave)
        self.walk.wait()
        with as_(self.vera) as vera:
            held, refused = proposing.accept_all(token, by=vera)
            for stay in self._stays():
                hosting.confirm(stay, by=vera)
        self.say(f"{vera}: accepts the proposed places of {held} households, {refused} refused, and confirms them")
        self.walk.refused(self.ground["charlie"], "accepts a proposal of others", lambda: self._foreign(token))

    def _foreign(self, token: UUID) -> None:
        proposing.accept(token, self.crowd.ids[0], by=self.ground["charlie"])

    def _stays(self) -> list[Stay]:
        return list(Stay.objects.filter(case__in=self.crowd.ids).standing().select_related("house", "bed").order_by("pk"))

    def shelter(self) -> None:
        with as_(self.ground["otto"]) as otto:
            for seat in Seat.objects.filter(case_id__in=self.crowd.ids, leg__escort=otto).select_related("leg"):
                dispatch.meeting_point(seat, by=otto)
                dispatch.progress(seat.pk, "met", by=otto)
                dispatch.progress(seat.pk, "handed_over", by=otto)
        self.say(f"{otto}: met all of them and handed them over")
        self._received()
        self.must("shelter", self.bulk("shelter", self.vera), len(self.crowd.ids))

    def _received(self) -> None:
        """Each host says who has come."""
        with as_(self.vera):
            expected = [(stay.pk, stay.house.code) for stay in self._stays() if stay.state == Stay.State.CONFIRMED]
        for pk, code in expected:
            with as_(self.ground[host_of(code)]) as host:
                hosting.arrived(pk, by=host)

    def burn(self) -> None:
        with as_(self.vera):
            there: dict[UUID, list[Stay]] = {}
            for stay in self._stays():
                there.setdefault(stay.house_id, []).append(stay)
        house_id, stays = max(there.items(), key=lambda item: (len(item[1]), str(item[0])))
        self.walk.refused(self.ground["otto"], "burns a house that he may not", lambda: self._burn(house_id, self.ground["otto"]))
        with as_(self.mara) as mara:
            self._burn(house_id, mara)
        self.walk.wait()
        self.say(f"{mara}: house {stays[0].house.code} is burned; {len(stays)} people must move")
        self.burned = house_id
        self.walk.refused(self.vera, "puts somebody back into the burned house", lambda: self._back(stays))
        for stay in stays:
            self._move(stay)
        self._received()
        for stay in stays:
            self._is_safe(next(story for story in self.crowd.stories if story.case_id == stay.case_id))
        self.say(f"{self.vera}: {len(stays)} people sleep elsewhere tonight, and two people agree that they are safe")

    def _burn(self, house_id: UUID, by: Account) -> None:
        burning.burn(house_id, by=by, reason="The same car waited outside two nights in a row.")

    def _back(self, stays: list[Stay]) -> None:
        free = Bed.objects.filter(house=stays[0].house_id).exclude(pk=stays[0].bed_id)[0]
        moving.move(stays[0], free, window=self._soon(), by=self.vera)

    def _soon(self) -> Any:
        return timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=4)

    def _move(self, stay: Stay) -> None:
        with as_(self.vera) as vera:
            taken = Stay.objects.standing().values("bed_id")
            used = Stay.objects.filter(case__in=self.crowd.ids).values("bed_id")
            beds = Bed.objects.filter(house__compromised_at=None).order_by("house", "name")
            free = beds.exclude(pk__in=taken).exclude(pk__in=used)
            moving.move(stay, free[0], window=self._soon(), by=vera)

    def _is_safe(self, story: Story) -> None:
        story.step("move_house", "vera", facts=facts.Sheltering())
        story.agreed_step("make_safe", "mara", "ilya", facts=facts.MadeSafe("another house, nobody followed"))
