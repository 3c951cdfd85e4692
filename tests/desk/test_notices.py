"""Needs and warnings: each speaks on the screens that it names, to whoever stands there, and nowhere else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.models import Notice
from relocation.safety import access
from relocation.safety.policy import Role
from shelters import hosting
from shelters.models import Bed
from tests.cast import afresh

QUIET, BELL = "A room without a window to the street", "Does not open to whoever rings twice"


def note(client, case, **told):
    usual = {"kind": "warning", "words": BELL, "shows_on": ["host", "check_in"]}
    return client.post(f"/cases/{case.pk}/records/notice/", usual | told)


@pytest.fixture
def screens(kestrel, vera, hanna, ground, signed_in, acting):
    """The four screens: the check-in, a step, the border check, and the page of a host to whom Kestrel comes."""
    with acting(vera):
        today = timezone.localdate()
        bed = Bed.objects.filter(house=ground.houses["Alder"]).first()
        window = (timezone.now(), timezone.now() + timedelta(hours=2))
        stay = hosting.hold(bed, kestrel, (today, today + timedelta(days=3)), window=window, by=vera)
        hosting.confirm(stay, by=vera)
    lead, host = signed_in(vera), signed_in(hanna)
    pages = {
        "check_in": lambda: lead.get(f"/cases/{kestrel.pk}/check-ins/"),
        "depart": lambda: lead.get(f"/cases/{kestrel.pk}/steps/accept/"),
        "border": lambda: lead.get(f"/cases/{kestrel.pk}/records/border-check/"),
        "host": lambda: host.get("/host/"),
    }
    return lambda: {screen: page().content.decode() for screen, page in pages.items()}


class TestNotices:
    def test_each_shows_on_the_screens_that_it_names_and_on_no_other(self, kestrel, vera, screens, signed_in, acting):
        assert note(signed_in(vera), kestrel).status_code == 302
        note(signed_in(vera), kestrel, kind="need", words=QUIET, shows_on=["depart", "border"])
        shown = screens()
        assert {screen for screen, page in shown.items() if BELL in page} == {"host", "check_in"}
        assert {screen for screen, page in shown.items() if QUIET in page} == {"depart", "border"}
        with acting(vera):
            ended = str(Notice.objects.get(kind="warning").pk)
        signed_in(vera).post(f"/cases/{kestrel.pk}/records/notice/", {"end": ended})
        assert not any(BELL in page for page in screens().values())

    def test_one_that_names_no_screen_or_says_nothing_is_not_kept(self, kestrel, vera, signed_in, acting):
        assert "Tick at least one screen." in note(signed_in(vera), kestrel, shows_on=[]).content.decode()
        assert note(signed_in(vera), kestrel, words=" ").status_code == 200
        with acting(vera):
            assert not Notice.objects.exists()

    def test_a_verifier_reads_it_and_writes_none(self, kestrel, vera, tomas, signed_in, acting):
        note(signed_in(vera), kestrel)
        assert BELL in signed_in(tomas).get(f"/cases/{kestrel.pk}/records/notice/").content.decode()
        assert note(signed_in(tomas), kestrel, words=QUIET).status_code in (200, 404)
        with acting(vera):
            assert Notice.objects.count() == 1

    def test_a_host_reads_what_is_for_hosts_only_as_long_as_they_host(self, kestrel, vera, hanna, mara, signed_in, acting):
        note(signed_in(vera), kestrel)
        note(signed_in(vera), kestrel, words=QUIET, shows_on=["border"])
        with acting(hanna):
            assert not Notice.objects.exists()
        with acting(vera):
            access.admit(
                hanna, Role.HOST, afresh(kestrel, vera).pk, by=vera, reason="sleeps here", scope=kestrel.pk,
                until=timezone.now() + timedelta(days=2),
            )  # fmt: skip
        with acting(hanna):
            assert [notice.shows_on for notice in Notice.objects.all()] == [["host", "check_in"]]
