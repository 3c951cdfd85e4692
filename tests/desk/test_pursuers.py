"""Who looks for the person, on the pages of the desk: noted in forms, counted on the case, opened for a reason."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from relocation.journey import deadlines, pursuit, recording
from relocation.journey.deadlines import StillOpen
from relocation.models import Channel, Consent, Deadline, LedgerEntry, PastAttempt, Pursuer, Vehicle
from relocation.safety import access, vault
from relocation.safety.policy import Role


def page(case, kind):
    return reverse("desk:record", args=[case.pk, kind])


def shown(browser, case):
    return browser.get(reverse("desk:case", args=[case.pk])).content.decode()


class TestForms:
    def test_the_lead_notes_who_what_they_drive_and_what_they_tried(self, kestrel, vera, signed_in, acting):
        browser = signed_in(vera)
        for kind, told in (
            ("pursuer", {"name": "Волков Пётр", "relation": "uncle", "phone": "8 (999) 111-22-33"}),
            ("vehicle", {"plate": "А 123 ВС 05", "look": "white Lada"}),
            ("past-attempt", {"when": "about May 2026", "where": "the station", "words": "two men asked for her"}),
        ):
            answer = browser.post(page(kestrel, kind), told, follow=True).content.decode()
            assert ": kept." in answer and "•••" in answer and not any(word in answer for word in told.values() if len(word) > 5)
        with acting(vera):
            assert vault.ask("+79991112233".__eq__, (Pursuer.objects.get(case=kestrel), "phone"))
            assert PastAttempt.objects.filter(case=kestrel).count() == 1
            car = Vehicle.objects.get(case=kestrel)
        browser.post(page(kestrel, "vehicle"), {"end": car.pk})
        with acting(vera):
            assert Vehicle.objects.get(pk=car.pk).ended_at

    @pytest.mark.parametrize(
        ("kind", "told", "sentence"),
        [
            ("pursuer", {"name": "Волков", "phone": "the old one"}, "cannot be rung"),
            ("vehicle", {"plate": "A-1"}, "at least four"),
        ],
    )
    def test_what_cannot_be_compared_is_asked_for_again_and_what_was_typed_stays(
        self, kestrel, vera, signed_in, kind, told, sentence
    ):
        answer = signed_in(vera).post(page(kestrel, kind), told).content.decode()
        assert sentence in answer and all(word in answer for word in told.values())

    def test_what_a_comparison_refuses_is_said_beside_the_form_and_kept_in_the_ledger(self, kestrel, vera, signed_in, acting):
        with acting(vera):
            recording.write(Pursuer(case=kestrel, name="Волков Пётр", phone="+79991112233"), by=vera)
            before = Consent.objects.filter(case=kestrel).count(), Channel.objects.filter(case=kestrel).count()
        today = timezone.localdate()
        consent = {
            "purpose": "contact", "given": "person", "language": "ru", "interpreter": "Anna Volkova", "words": "on the phone",
            "given_on": today, "expires_on": today,
        }  # fmt: skip
        answer = signed_in(vera).post(page(kestrel, "consent"), consent).content.decode()
        assert "Let somebody else interpret" in answer and "Anna Volkova" in answer
        answer = signed_in(vera).post(page(kestrel, "channel"), {"kind": "phone", "address": "89991112233"}).content.decode()
        assert "another way to reach them" in answer
        with acting(vera):
            assert (Consent.objects.filter(case=kestrel).count(), Channel.objects.filter(case=kestrel).count()) == before
            refused = set(LedgerEntry.objects.filter(case_id=kestrel.pk).values_list("what", flat=True))
            assert {"not_admitted.consent.interpreter", "not_recorded.record.channel"} <= refused


class TestOnTheCase:
    def test_the_panel_counts_and_whoever_reads_no_contacts_sees_none(self, kestrel, vera, tomas, mara, signed_in, acting):
        assert "Note who looks for them" in shown(signed_in(vera), kestrel)
        with acting(vera):
            for row in (Pursuer(name="Волков"), Pursuer(name="Зайцев"), Vehicle(plate="A 123 BC"), PastAttempt(words="at night")):
                row.case = kestrel
                recording.write(row, by=vera)
        for reader in (vera, tomas):
            seen = shown(signed_in(reader), kestrel)
            assert 'id="pursuers-h"' in seen and "Волков" not in seen and "Note who looks for them" not in seen
        assert 'id="pursuers-h"' not in shown(signed_in(mara), kestrel)

    def test_a_second_look_is_asked_of_who_can_act_and_hidden_from_who_may_be_meant(
        self, kestrel, vera, mara, tomas, charlie, signed_in, acting
    ):
        pursuit.ask_to_look(kestrel.pk)
        for reader, sees in ((vera, True), (mara, True), (tomas, False)):
            assert ("needs a second look" in shown(signed_in(reader), kestrel)) is sees, reader
        with acting(vera):
            task = Deadline.objects.get(case=kestrel, kind=Deadline.Kind.SECOND_LOOK)
        address = reverse("desk:deadline", args=[kestrel.pk, task.pk])
        assert "Nobody is told who it is" in signed_in(vera).get(address).content.decode()
        with acting(vera), pytest.raises(StillOpen):
            deadlines.close(task.pk, by=vera)
        signed_in(vera).post(address, {"reason": "It was a namesake; she knows her from school."})
        pursuit.ask_to_look(kestrel.pk)
        with acting(vera):
            assert Deadline.objects.filter(case=kestrel, kind=Deadline.Kind.SECOND_LOOK, done_at=None).count() == 1

    def test_whoever_receives_sees_no_such_task(self, kestrel, vera, otto, signed_in, acting):
        pursuit.ask_to_look(kestrel.pk)
        with acting(vera):
            until = timezone.now() + timedelta(days=3)
            access.admit(otto, Role.RECEIVER, kestrel.pk, by=vera, reason="receives", until=until, scope=kestrel.pk)
        assert "second look" not in shown(signed_in(otto), kestrel)
