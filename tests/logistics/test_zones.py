"""Local times at each end of a leg, also on the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from logistics import zones

pytestmark = pytest.mark.nodb


class TestInstant:
    def test_a_local_time_is_one_moment(self):
        assert zones.instant(datetime(2026, 12, 3, 22, 0), "Europe/Moscow") == datetime(2026, 12, 3, 19, 0, tzinfo=UTC)

    @pytest.mark.parametrize(("day", "offset"), [(28, 1), (29, 2)])
    def test_summer_time_counts(self, day, offset):
        noon = zones.instant(datetime(2026, 3, day, 12, 0), "Europe/Berlin")
        assert noon == datetime(2026, 3, day, 12 - offset, 0, tzinfo=UTC)

    def test_an_hour_that_does_not_exist_is_refused(self):
        with pytest.raises(ValidationError, match="does not exist"):
            zones.instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")

    def test_an_hour_that_comes_twice_is_asked_for_in_utc(self):
        with pytest.raises(ValidationError, match="UTC"):
            zones.instant(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
        assert zones.instant(datetime(2026, 10, 25, 1, 30), "UTC").hour == 1

    def test_every_zone_that_can_be_chosen_is_known(self):
        names = [name for _region, group in zones.choices() for name, _city in group]
        assert len(names) == len(set(names))
        assert all(zones.instant(datetime(2026, 1, 15, 12, 0), name) for name in names)


class TestInWords:
    @pytest.mark.parametrize(
        ("moment", "zone", "words"),
        [
            (datetime(2027, 12, 3, 19, 0, tzinfo=UTC), "Europe/Moscow", "22:00 MSK (UTC+3)"),
            (datetime(2027, 7, 3, 19, 0, tzinfo=UTC), "Europe/Berlin", "21:00 CEST (UTC+2)"),
            (datetime(2027, 1, 3, 19, 0, tzinfo=UTC), "Asia/Almaty", "UTC+5"),
            (datetime(2027, 1, 3, 19, 0, tzinfo=UTC), "America/New_York", "14:00 EST (UTC−5)"),
            (datetime(2027, 1, 3, 19, 0, tzinfo=UTC), "UTC", "19:00 UTC"),
        ],
    )
    def test_the_clock_of_the_place_and_its_distance_from_utc(self, moment, zone, words):
        assert zones.in_words(moment, zone).endswith(words)
