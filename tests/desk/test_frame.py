"""What every page stands in: dates as people read them, and the parts that pages include."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils import timezone, translation

from relocation.desk.templatetags import harbour
from relocation.journey.conditions import Link, Unmet
from relocation.safety.policy import Role

pytestmark = pytest.mark.nodb
NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def late_on_monday(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


class TestDates:
    @pytest.mark.parametrize(
        ("when", "read"),
        [
            (date(2026, 11, 27), "Fri 27 Nov, in 4 days"),
            (date(2026, 11, 23), "Mon 23 Nov, today"),
            (date(2026, 11, 22), "Sun 22 Nov, yesterday"),
            (date(2026, 11, 14), "Sat 14 Nov, 9 days ago"),
            (date(2027, 1, 5), "Tue 5 Jan 2027, in 43 days"),
            (date(2029, 6, 3), "Sun 3 Jun 2029"),
            (None, "Not set"),
        ],
    )
    def test_a_day_is_read_with_its_distance(self, when, read):
        assert harbour.day(when) == f"<bdi>{read}</bdi>"

    def test_it_speaks_the_language_of_the_page(self):
        with translation.override("de"):
            assert "Nov" in harbour.day(date(2026, 11, 27))
            assert "Fr" in harbour.day(date(2026, 11, 27))

    def test_today_is_todays_date_in_the_zone_that_was_named(self):
        assert harbour.day(NOW) == "<bdi>Mon 23 Nov, today</bdi>"
        assert harbour.day(NOW, "Europe/Berlin") == "<bdi>Tue 24 Nov, today</bdi>"

    def test_moments_say_their_zone(self):
        assert harbour.moment(NOW) == "<bdi>Mon 23 Nov, 23:30 UTC</bdi>"
        assert harbour.moment(NOW, "Europe/Berlin") == "<bdi>Tue 24 Nov, 00:30 CET</bdi>"
        assert harbour.clock(NOW) == "<bdi>23:30</bdi>"

    @pytest.mark.parametrize(
        ("length", "read"),
        [({"minutes": 1}, "1 minute"), ({"hours": 5}, "5 hours"), ({"hours": 47}, "47 hours"), ({"days": 9}, "9 days")],
    )
    def test_a_length_is_read_in_its_largest_sensible_unit(self, length, read):
        assert harbour.span(timedelta(**length)) == harbour.span(-timedelta(**length)) == read


class Told(forms.Form):
    who = forms.CharField(label="Who told us", help_text="The source, not the person.")
    version = forms.IntegerField(widget=forms.HiddenInput)


class TestParts:
    def test_a_form_shows_a_summary_that_leads_to_each_field(self):
        page = render_to_string("parts/_form.html", {"form": Told({"version": 3}), "label": "Save"})
        assert 'href="#id_who"' in page
        assert 'aria-describedby="id_who_helptext id_who_error"' in page
        assert 'name="version" value="3"' in page

    def test_a_form_without_errors_shows_none(self):
        page = render_to_string("parts/_form.html", {"form": Told(), "label": "Save"})
        assert 'class="errors"' not in page
        assert ">Save</button>" in page

    def test_what_was_typed_is_never_markup(self):
        page = render_to_string("parts/_form.html", {"form": Told({"who": "<script>x</script>"}), "label": "Save"})
        assert "<script>" not in page
        assert "&lt;script&gt;" in page

    def test_a_reason_says_who_can_since_when_and_by_when(self):
        unmet = Unmet("No bed is held.", Link("Find a bed", "sign-in"), (Role.LEAD,), NOW - timedelta(days=4), NOW)
        page = render_to_string("parts/_unmet.html", {"unmet": unmet, "first": True})
        assert "case lead" in page
        assert "since Thu 19 Nov" in page
        assert "Mon 23 Nov, today" in page
        assert 'class="btn btn-go act" href="/sign-in/"' in page

    def test_a_reason_that_only_others_can_clear_has_no_dead_button(self):
        page = render_to_string("parts/_unmet.html", {"unmet": Unmet("Not agreed.", None, (Role.COORDINATOR,))})
        assert "coordinator" in page
        assert "btn" not in page
