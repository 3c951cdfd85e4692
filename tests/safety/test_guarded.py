"""`Case.objects` raises until somebody says for whom; what Django asks behind its back passes."""

import io
import pickle

import pytest
from django import forms
from django.core.management import call_command
from guardian.shortcuts import get_objects_for_user

from relocation.journey.steps import Journey
from relocation.models import Alarm, Case, Identity
from relocation.safety.access import Unnarrowed

WAYS = [
    lambda case: Case.objects.all(),
    lambda case: Case.objects.filter(pk=case.pk),
    lambda case: Case.objects.get(pk=case.pk),
    lambda case: Case.objects.count(),
    lambda case: Case.objects.create(alias="Heron"),
    lambda case: Case.objects.in_bulk(),
    lambda case: Case.objects.using("default"),
    lambda case: Case._default_manager.all(),
    lambda case: Journey.objects.all(),
    lambda case: Identity.objects.filter(case__in=Case.objects.all()),
    lambda case: forms.ModelChoiceField(queryset=Case.objects.all()),
    lambda case: forms.modelform_factory(Identity, fields=["case"]),
    lambda case: call_command("dumpdata", "relocation.Case", stdout=io.StringIO()),
    lambda case: case.full_clean(exclude=["stage", "standing"]),
    lambda case: case.validate_unique(),
    lambda case: get_objects_for_user(case.created_by, "relocation.lead", with_superuser=False),
]


class TestForgettingRaises:
    def test_every_way_to_all_cases(self, kestrel, vera, acting):
        for number, way in enumerate(WAYS):
            with acting(vera), pytest.raises(Exception) as raised:
                way(kestrel)
            assert isinstance(raised.value, Unnarrowed) or "must be narrowed" in str(raised.value), number

    def test_told_for_whom_it_answers(self, kestrel, vera, charlie, acting):
        with acting(vera):
            assert list(Case.objects.visible_to(vera)) == [kestrel]
        with acting(charlie):
            assert list(Case.objects.visible_to(charlie)) == []

    def test_it_is_told_which_capability_too(self, kestrel, tomas, acting):
        with acting(tomas):
            assert Case.objects.visible_to(tomas, "claim.write").exists()
            assert not Case.objects.visible_to(tomas, "location.write").exists()


class TestWhatPasses:
    def test_rows_find_their_case_and_the_case_its_rows(self, kestrel, vera, acting):
        with acting(vera):
            identity = Identity.objects.get()
            assert identity.case == kestrel
            assert next(iter(Identity.objects.select_related("case"))).case == kestrel
            assert next(iter(Identity.objects.prefetch_related("case"))).case == kestrel
            assert [list(c.identitys.all()) for c in Case.objects.visible_to(vera).prefetch_related("identitys")] == [[identity]]
            assert Identity.objects.filter(case__alias="Kestrel").exists()

    def test_a_row_is_cleaned_without_asking_for_all_cases(self, kestrel, vera, acting):
        with acting(vera):
            Alarm(case=kestrel, by=vera, kind=Alarm.Kind.RAISED).full_clean()

    def test_a_case_is_pickled_and_deferred(self, kestrel, vera, acting):
        with acting(vera):
            assert pickle.loads(pickle.dumps(kestrel)) == kestrel
            assert Case.objects.visible_to(vera).defer("stage").get().stage == "verifying"

    def test_a_case_is_loaded_afresh_and_never_refreshed(self, kestrel, vera, acting):
        with acting(vera), pytest.raises((Unnarrowed, AttributeError)):
            kestrel.refresh_from_db()
        with pytest.raises(AttributeError):
            kestrel.stage = "accepted"
