"""Somebody's day."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from relocation.desk import panels
from relocation.desk.day import Day, sunday
from relocation.desk.panels import Todo
from relocation.journey.advance import advance
from relocation.models import Alarm, Deadline, Paper, offers
from relocation.safety.actor import acting_as


def day(client):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer


class TestDay:
    def test_a_case_given_to_me_lately_is_for_today(self, signed_in, vera, kestrel):
        assert "Kestrel" in [todo.case.alias for todo in day(signed_in(vera)).context["rows"].today]

    def test_it_shows_nothing_of_what_is_not_mine(self, signed_in, charlie, kestrel):
        html = day(signed_in(charlie)).content.decode()
        assert "Kestrel" not in html
        assert "No case is open to you" in html

    @pytest.mark.parametrize(("away", "where"), [(timedelta(hours=-1), "now"), (timedelta(0), "today")])
    def test_a_deadline_stands_where_its_time_says(self, signed_in, vera, kestrel, away, where):
        due = timezone.now() + away if away else timezone.now().replace(hour=23, minute=59, second=59, microsecond=999_999)
        with acting_as(vera.pk):
            Deadline(case=kestrel, by=vera, kind="answer", due_at=due).save(force_insert=True)
        rows = getattr(day(signed_in(vera)).context["rows"], where)
        assert any("nswer to the post" in todo.sentence for todo in rows)

    def test_danger_where_they_stay_is_for_now_whatever_the_hour_and_not_overdue_before_its_time(self, signed_in, vera, kestrel):
        tomorrow = timezone.now() + timedelta(days=1)
        with acting_as(vera.pk):
            for kind, what in (("move", "move_house"), ("hold_review", "hold")):
                Deadline(case=kestrel, by=vera, kind=kind, what=what, due_at=tomorrow).save(force_insert=True)
        rows = day(signed_in(vera)).context["rows"]
        assert "anger where they stay" in rows.now[0].sentence and rows.late == 0
        elsewhere = [todo.sentence for todo in [*rows.today, *rows.week]]
        assert not any("anger" in sentence for sentence in elsewhere) and any("ook again" in sentence for sentence in elsewhere)
        assert not any("ook again" in todo.sentence for todo in rows.now)

    def test_a_silent_alarm_is_not_on_the_day_of_whoever_typed_the_word(self, signed_in, vera, mara, kestrel):
        with acting_as(vera.pk):
            Deadline(case=kestrel, by=vera, kind="alarm", what=Alarm.Kind.DURESS, due_at=timezone.now()).save(force_insert=True)
        assert "duress" not in day(signed_in(vera)).content.decode()
        assert "duress" in day(signed_in(mara)).content.decode()

    def test_an_alarm_is_for_now_for_whoever_settles_it_and_waits_on_them_for_the_rest(self, signed_in, vera, mara, kestrel):
        with acting_as(vera.pk):
            advance(kestrel, "extract", by=vera, version=kestrel.version, emergency="The father is at the door")
        maras, hers = day(signed_in(mara)).context["rows"], day(signed_in(vera)).context["rows"]
        assert {"Alarm: emergency step", "Review of an emergency: Bring the person out"} <= {t.sentence for t in maras.now}
        assert {"Alarm: emergency step", "Review of an emergency: Bring the person out"} <= {t.sentence for t in hers.waiting}
        assert "5 conditions were left open by an emergency" in [t.sentence for t in [*hers.today, *hers.week]]

    def test_a_question_waits_for_me_and_my_own_waits_on_others(self, signed_in, mara, ilya, kestrel):
        told = {"version": kestrel.version, "reason": "fled", "stage": "sheltered", "evidence": "a letter"}
        signed_in(mara).post(f"/cases/{kestrel.pk}/steps/enter/", told)
        assert "Mara Kask asks for your word" in [todo.sentence for todo in day(signed_in(ilya)).context["rows"].now]
        assert [todo.case for todo in day(signed_in(mara)).context["rows"].waiting] == [kestrel]

    def test_a_paper_that_is_being_made_says_how_far_it_is(self, signed_in, vera, kestrel):
        with acting_as(vera.pk):
            Paper(case=kestrel, by=vera, kind="dossier", part=3, parts=5).save(force_insert=True)
        html = day(signed_in(vera)).content.decode()
        assert "Part 3 of 5" in html
        assert 'hx-trigger="every 3s"' in html

    def test_nothing_asks_again_and_again_where_nothing_is_being_made(self, signed_in, vera, kestrel):
        assert "hx-trigger" not in day(signed_in(vera)).content.decode()

    @pytest.mark.parametrize("name", ["hanna", "otto", "elise"])
    def test_others_are_sent_to_their_own_home(self, signed_in, ground, name):
        answer = signed_in(ground[name]).get("/")
        assert answer.status_code == 302
        assert answer["Location"] != "/"

    def test_whoever_has_not_signed_in_does_so_first(self, client, ground):
        assert client.get("/")["Location"].startswith("/sign-in/")


class TestOrder:
    pytestmark = pytest.mark.nodb

    def test_the_week_ends_on_its_sunday_and_on_a_sunday_with_the_next(self):
        assert sunday(date(2026, 11, 23)) == date(2026, 11, 29)
        assert sunday(date(2026, 11, 29)) == date(2026, 12, 6)

    def test_late_ones_come_first_and_distant_ones_not_at_all(self):
        rows, now = Day(), timezone.now()
        late, old = Todo(None, "late", due=now, late=True), Todo(None, "old", due=now - timedelta(days=2))
        rows.add([old, late, Todo(None, "far", due=now + timedelta(days=40))])
        assert rows.now == [late, old]
        assert rows.today == rows.week == []


class TestPanels:
    pytestmark = pytest.mark.nodb

    def test_what_the_desk_names_is_offered(self):
        offers.insist()

    def test_a_name_that_nobody_offers_stops_the_program(self, monkeypatch):
        monkeypatch.setattr(panels._days, "named", {"roads", "stars"})
        with pytest.raises(ImproperlyConfigured, match="stars"):
            offers.insist()

    def test_two_rooms_do_not_offer_the_same(self):
        with pytest.raises(ImproperlyConfigured, match="travel"):
            panels.panel("travel")(lambda case, account: None)
