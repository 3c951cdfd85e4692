"""Blind indexes: the same passport number is found again without being read; nothing that is easy to guess is indexed."""

import pytest
from django.db import models
from django.test.utils import isolate_apps

from relocation.intake.numbers import cases_with_number
from relocation.journey.referring import assign, refer
from relocation.models import Document, LedgerEntry
from relocation.safety import digests
from relocation.safety.digests import BlindIndex, Share
from relocation.safety.policy import Compartment
from relocation.safety.refusal import Damaged
from relocation.safety.sealed import Cell, Misuse, Sealed, unseal
from tests.cast import referral
from tests.desk.test_documents import PASSPORT


@pytest.fixture
def heron(mara, vera, acting):
    """Another case of Mara's, which Vera does not open."""
    with acting(mara):
        return refer(referral(alias="Heron"), by=mara)


def passport(case, by, acting, number="AB 123-4567"):
    with acting(by):
        found = Document(case=case, by=by, kind="passport", number=number)
        found.save(force_insert=True)
        return found


class TestLookUp:
    def test_the_same_number_is_found_in_cases_that_one_may_open_and_in_no_other(self, kestrel, heron, vera, mara, acting):
        passport(heron, mara, acting)
        passport(kestrel, vera, acting, number="XY 0000001")
        with acting(mara):
            assert cases_with_number("ab1234567", by=mara) == [heron]
            assert cases_with_number("AB 123-4568", by=mara) == []
            assert LedgerEntry.objects.filter(actor_id=mara.pk, what="read.for_duplicates").count() == 2
        with acting(vera):
            assert cases_with_number("AB1234567", by=vera) == cases_with_number("never was", by=vera) == []

    def test_whoever_enters_it_a_second_time_is_asked_whether_it_is_the_same_person(
        self, kestrel, heron, vera, mara, acting, signed_in
    ):
        passport(heron, mara, acting)
        page, says = f"/cases/{kestrel.pk}/documents/", PASSPORT
        told = signed_in(vera).post(page, says, follow=True).content.decode()
        assert "The document is entered" in told and "Heron" not in told
        with acting(mara):
            assign(heron.pk, vera, by=mara, reason="has room")
        told = signed_in(vera).post(page, says, follow=True).content.decode()
        assert "A document of Heron has the same number" in told

    def test_digest_and_number_are_written_together_and_tell_apart_purposes_and_organisations(
        self, kestrel, heron, vera, mara, acting
    ):
        one, other = passport(kestrel, vera, acting), passport(heron, mara, acting)
        assert bytes(one.number_digest) == bytes(other.number_digest)
        with acting(vera):
            before = bytes(one.number_digest)
            one.save()
            assert bytes(Document.objects.get(pk=one.pk).number_digest) == before
            one.number = "ZZ 1"
            one.save()
            assert bytes(Document.objects.get(pk=one.pk).number_digest) != before
            one.number = None
            one.save()
            assert Document.objects.get(pk=one.pk).number_digest is None
        org = kestrel.organisation_id
        assert digests.digest(org, "passport", "1") != digests.digest(org, "phone", "1")
        with pytest.raises(Misuse):
            digests.digest(org, "city", "Kazan")


class TestCheck:
    def test_every_column_holds(self):
        assert digests.only_what_is_hard_to_guess_is_indexed(None) == []
        assert [str(index) for index in digests.blind_indexes()] == ["relocation.Document.number_digest"]

    @isolate_apps("relocation")
    @pytest.mark.nodb
    def test_a_digest_of_anything_else_stops_the_start(self):
        class Guessable(models.Model):
            city_digest = BlindIndex(of="city", purpose="city")
            city = Sealed(compartment=Compartment.LOCATION)
            late = Sealed(compartment=Compartment.LOCATION)
            late_digest = BlindIndex(of="late", purpose="phone")
            plain_digest = BlindIndex(of="plain", purpose="phone")
            plain = models.CharField()
            bare = models.BinaryField(unique=True)
            paired = models.BinaryField()

            class Meta:
                app_label = "relocation"
                indexes = [models.Index(fields=["late", "paired"], name="paired")]

            def __str__(self):
                return ""

        fields = {field.name: field for field in Guessable._meta.get_fields()}
        wrong = {
            name: [e.id for e in digests._wrong_index(fields[name])] for name in ("city_digest", "late_digest", "plain_digest")
        }
        assert wrong == {"city_digest": ["harbour.E003"], "late_digest": ["harbour.E003"], "plain_digest": ["harbour.E003"]}
        assert [name for name in ("bare", "paired") if list(digests._looked_up(Guessable, fields[name]))] == ["bare", "paired"]

    def test_a_value_that_is_too_frequent_is_told(self, kestrel, vera, acting):
        passport(kestrel, vera, acting)
        assert digests.uneven() == []
        with acting(vera):
            for _again in range(49):
                passport(kestrel, vera, acting)
            (column,) = digests.blind_indexes()
            assert digests.share(column) == Share("relocation.Document.number_digest", 50, 50)
            assert [found.top for found in digests.uneven()] == [50]
        assert not Share("x", 100, 5).is_too_high and Share("x", 100, 6).is_too_high and not Share("x", 3, 3).is_too_high


def test_a_number_from_another_document_does_not_open(kestrel, vera, acting):
    one, other = passport(kestrel, vera, acting), passport(kestrel, vera, acting, number="CD 1")
    one.number = Cell(other.number.raw)
    with pytest.raises(Damaged):
        unseal(one, "number")
