"""What is written on a case itself, compared with who hunts the person: people, numbers, an interpreter."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.journey import recording
from relocation.journey.kin import NotAdmitted
from relocation.models import AlarmContact, Channel, Consent, Deadline, Pursuer, Vouch
from relocation.safety.refusal import Denied

PHONE = "+79991112233"


def consent(case, interpreter):
    today = timezone.localdate()
    return Consent(
        case=case,
        purpose="contact",
        given_on=today,
        expires_on=today + timedelta(days=9),
        words="by phone",
        interpreter=interpreter,
    )


def noted(case, by, name="Пешков Олег", phone=""):
    return recording.write(Pursuer(case=case, name=name, phone=phone), by=by)


def looks(case):
    return Deadline.objects.filter(case=case, kind=Deadline.Kind.SECOND_LOOK, done_at=None).count()


class TestWrittenLater:
    @pytest.mark.parametrize("model", [Channel, AlarmContact])
    def test_nobody_rings_a_pursuer(self, kestrel, as_vera, model):
        noted(kestrel, as_vera, phone=PHONE)
        before = model.objects.filter(case=kestrel).count()
        with pytest.raises(recording.NotRecorded):
            recording.write(model(case=kestrel, kind="phone", address="8 (999) 111-22-33"), by=as_vera)
        assert model.objects.filter(case=kestrel).count() == before
        assert recording.write(model(case=kestrel, kind="phone", address="+79991112234"), by=as_vera).pk

    def test_nobody_agrees_through_a_pursuers_kin(self, kestrel, as_vera):
        noted(kestrel, as_vera)
        for interpreter in ("Olga Peshkova", "Анна Пешкова"):
            with pytest.raises(NotAdmitted):
                recording.write(consent(kestrel, interpreter), by=as_vera)
        assert recording.write(consent(kestrel, "Maria Nowak"), by=as_vera).pk
        assert recording.write(consent(kestrel, ""), by=as_vera).pk


class TestPursuersLater:
    @pytest.mark.parametrize(
        ("name", "phone", "tasks"),
        [
            ("Другой Иван", "+79991112234", 0), ("Пешков Олег", PHONE, 1), ("Oja Karl", "", 1), ("Nowak Jan", "", 1),
            ("Горячая Мария", "", 1), ("Nobody", "+7 922 412-56-84", 1), ("Эльфов Иван", "", 0),
        ],
    )  # fmt: skip
    def test_everybody_on_the_case_and_every_number_is_judged_anew(self, kestrel, as_vera, name, phone, tasks):
        """Tomas Oja verifies, the hotline referred, Maria Nowak interpreted; the last one bears Kestrel's own name."""
        recording.write(consent(kestrel, "Maria Nowak"), by=as_vera)
        recording.write(AlarmContact(case=kestrel, kind="lawyer", name="Anna Weiss", address=PHONE), by=as_vera)
        noted(kestrel, as_vera, name, phone)
        assert looks(kestrel) == tasks

    def test_whom_the_person_vouches_for_is_no_matter_and_who_may_not_write_notes_nobody(self, kestrel, as_vera, tomas, mara):
        recording.write(Vouch(case=kestrel, whom="verifier", about=tomas.pk, words="I trust him"), by=as_vera)
        noted(kestrel, as_vera, "Oja Karl")
        assert looks(kestrel) == 0
        for by in (mara, tomas):
            with pytest.raises(Denied):
                noted(kestrel, by)
