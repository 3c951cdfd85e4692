"""Referrals that nobody leads: leads are named for many at once, through the door by which one is named."""

import re
from collections import Counter

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import BOTH
from relocation.journey import triage, waves
from relocation.journey.bars import bar
from relocation.journey.referring import refer
from relocation.models import Case, LedgerEntry, Outbox
from relocation.safety import access
from relocation.safety.policy import Role
from tests.cast import referral
from tests.proofs.crowd import at_once
from tests.safety.committed import as_

PAGE = reverse("desk:triage")


@pytest.fixture
def waiting(mara, acting):
    """Six referrals that nobody leads."""
    with acting(mara):
        return [
            refer(referral(alias=alias, material=alias.encode()), by=mara).pk
            for alias in ["Tern", "Knot", "Serin", "Wren", "Robin", "Teal"]
        ]


def text(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def lead_of(case_id):
    return access.holders(case_id, Role.LEAD).values_list("user__name", flat=True).first()


class TestPage:
    def test_a_coordinator_names_leads_for_all_and_puts_them_into_a_wave(self, waiting, mara, vera, nina, signed_in, acting):
        with acting(mara):
            wave = waves.begin("Slate", "extraction", timezone.localdate(), by=mara)
        browser = signed_in(mara)
        assert "leads 0 of your cases" in text(browser.get(PAGE))
        told = {"people": waiting, "leads": [vera.pk, nina.pk], "reason": "both have room", "wave": wave.pk}
        page = text(browser.post(PAGE, told, follow=True))
        assert "6 people have a lead now" in page and "Every referral that you coordinate has a lead." in page
        with acting(mara):
            assert Counter(map(lead_of, waiting)) == {"Vera Lind": 3, "Nina Salo": 3}
            assert len(waves.people(wave, mara)) == 6
            assert Outbox.objects.filter(kind="tell_assigned").count() == 2, "one mail for each lead, however many they lead"
            assert LedgerEntry.objects.filter(what="case.assigned").count() == 6

    def test_nobody_ticked_and_no_reason_are_said_and_nothing_changes(self, waiting, mara, signed_in, acting):
        page = text(signed_in(mara).post(PAGE, {"people": [], "leads": [], "reason": ""}))
        assert "Tick at least one person." in page and "Tick at least one colleague." in page
        with acting(mara):
            assert not any(map(lead_of, waiting))

    def test_somebody_who_has_a_lead_meanwhile_is_left_alone(self, waiting, mara, vera, nina, signed_in, acting):
        with acting(mara):
            triage.deal(waiting[:1], [nina], by=mara, reason="first")
        page = text(signed_in(mara).post(PAGE, {"people": waiting[:1], "leads": [vera.pk], "reason": "second"}))
        assert "Somebody has a lead by now." in page
        with acting(mara):
            assert lead_of(waiting[0]) == "Nina Salo"

    def test_it_offers_neither_oneself_nor_anybody_of_elsewhere(self, waiting, mara, charlie, signed_in):
        browser = signed_in(mara)
        page = text(browser.get(PAGE))
        assert "Nina Salo" in page and "Mara Kask, leads" not in page and "Charlie Stone" not in page
        assert "not one of the available choices" in text(
            browser.post(PAGE, {"people": waiting, "leads": [charlie.pk], "reason": "help"})
        )

    def test_a_lead_and_a_stranger_see_no_referral_to_give(self, waiting, vera, charlie, hanna, signed_in):
        for account in (vera, charlie):
            assert "Every referral that you coordinate has a lead." in text(signed_in(account).get(PAGE))
        assert signed_in(hanna).get(PAGE).status_code == 404


class TestDealing:
    def test_whoever_leads_fewest_comes_first(self, kestrel, waiting, mara, vera, nina, acting):
        with acting(mara):
            dealt = triage.deal(waiting[:3], [vera, nina], by=mara, reason="room")
            assert [lead.name for _case, lead in dealt.led] == ["Nina Salo", "Vera Lind", "Nina Salo"]

    def test_whom_the_person_bars_is_passed_over_and_of_none_left_the_case_is_named(self, waiting, mara, vera, nina, acting):
        with acting(mara):
            bar(Case.objects.visible_to(mara).get(pk=waiting[0]), by=mara, about=vera.pk, words="known from home")
            dealt = triage.deal(waiting[:1], [vera], by=mara, reason="room")
            assert [case.pk for case in dealt.refused] == waiting[:1] and not dealt.led
            ((_case, lead),) = triage.deal(waiting[:1], [vera, nina], by=mara, reason="room").led
            assert lead == nina

    def test_a_stranger_deals_nothing(self, waiting, charlie, mara, vera, acting):
        with acting(charlie):
            assert not triage.deal(waiting, [vera], by=charlie, reason="mine").led
        with acting(mara):
            assert not any(map(lead_of, waiting))


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_of_two_who_deal_at_once_the_second_changes_nothing(mara, vera, nina):
    with as_(mara):
        case = refer(referral(), by=mara)

    def name(number):
        with as_(mara):
            triage.deal([case.pk], [(vera, nina)[number]], by=mara, reason="room")

    assert at_once(name, 2) == {"done": 2}
    with as_(mara):
        assert LedgerEntry.objects.filter(case_id=case.pk, what="case.assigned").count() == 1
