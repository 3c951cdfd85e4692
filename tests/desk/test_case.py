"""The page of one case."""

from datetime import timedelta

import pytest
from django.utils import timezone

from relocation.journey.duress import duress_given
from relocation.models import Alarm, Case, Corroboration, Document, Household, RiskAssessment
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role


def page(client, case: Case, query: str = "") -> str:
    answer = client.get(f"/cases/{case.pk}/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def corroborated(kestrel, tomas):
    with acting_as(tomas.pk):
        found = {"kind": "interview", "outcome": "supports", "on": timezone.localdate()}
        Corroboration(case=kestrel, by=tomas, **found).save(force_insert=True)
        RiskAssessment(case=kestrel, by=tomas, level="high", on=timezone.localdate()).save(force_insert=True)
    return kestrel


class TestCasePage:
    def test_it_shows_alias_code_and_where_the_journey_is(self, signed_in, vera, kestrel):
        html = page(signed_in(vera), kestrel)
        assert "Kestrel" in html
        assert kestrel.code in html
        assert 'aria-current="step"' in html

    def test_a_stranger_sees_the_page_of_a_case_that_never_was(self, signed_in, charlie, kestrel):
        client = signed_in(charlie)
        theirs = client.get(f"/cases/{kestrel.pk}/")
        nobodys = client.get("/cases/00000000-0000-4000-8000-000000000000/")
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.content == nobodys.content

    def test_the_real_name_and_the_account_are_nowhere_on_it(self, signed_in, vera, kestrel):
        html = page(signed_in(vera), kestrel)
        for canary in ("Эльфова", "Алёна", "79224125684", "Нижний Новгород", "Отец обещал"):
            assert canary not in html
        assert f"/cases/{kestrel.pk}/reveal/identity/" in html

    def test_its_title_names_nobody(self, signed_in, vera, kestrel):
        html = page(signed_in(vera), kestrel)
        title = html.split("<title>")[1].split("</title>")[0]
        assert "Kestrel" not in title


class TestNextStep:
    def test_what_blocks_says_who_can_mend_it(self, signed_in, vera, kestrel):
        html = page(signed_in(vera), kestrel)
        assert "Accept the case: 2 things are in the way" in html
        assert "Tomas Oja can do this, as verifier." in html

    def test_the_one_who_can_mend_it_gets_the_button(self, signed_in, tomas, kestrel):
        html = page(signed_in(tomas), kestrel)
        assert f"/cases/{kestrel.pk}/records/corroboration/" in html
        assert html.count("btn-go") == 1

    def test_when_nothing_blocks_the_button_is_the_step_itself(self, signed_in, mara, corroborated):
        html = page(signed_in(mara), corroborated)
        assert f'btn-go" href="/cases/{corroborated.pk}/steps/accept/"' in html

    def test_whoever_lacks_the_right_reads_who_has_it(self, signed_in, vera, corroborated):
        html = page(signed_in(vera), corroborated)
        assert "Mara Kask can do this, as coordinator." in html
        assert "btn-go" not in html


class TestAlarm:
    def test_the_newest_open_alarm_stands_at_the_top(self, signed_in, vera, mara, kestrel):
        with acting_as(vera.pk):
            Alarm(case=kestrel, by=vera, kind=Alarm.Kind.RAISED).save(force_insert=True)
        assert "Alarm: raised by somebody on the case" in page(signed_in(mara), kestrel)

    def test_a_duress_word_shows_nothing_on_the_screen_where_it_was_typed(self, signed_in, vera, mara, kestrel):
        with acting_as(vera.pk):
            duress_given(kestrel.pk, by=vera)
        hers, maras = page(signed_in(vera), kestrel), page(signed_in(mara), kestrel)
        assert "duress" not in hers
        assert "Compromised" not in hers
        assert "duress word given" in maras
        assert "Compromised" in maras


class TestRoundAbout:
    def test_it_lists_who_can_open_it_and_until_when(self, signed_in, vera, kestrel):
        html = page(signed_in(vera), kestrel)
        assert "Who can open this" in html
        for name in ("Vera Lind", "Mara Kask", "Tomas Oja"):
            assert name in html

    def test_history_says_in_words_what_happened(self, signed_in, vera, kestrel):
        html = page(signed_in(vera), kestrel)
        assert "Start verifying" in html
        assert "Referred" in html
        assert "step.verify" not in html

    def test_access_is_a_history_of_its_own(self, signed_in, vera, kestrel):
        assert "Tomas Oja was let in: verifier" in page(signed_in(vera), kestrel, "?access=1")

    def test_documents_are_for_whoever_reads_documents(self, signed_in, vera, mara, nina, kestrel):
        with acting_as(vera.pk):
            Document(case=kestrel, by=vera, kind="passport", expires_on=timezone.localdate() + timedelta(days=900)).save(
                force_insert=True
            )
        assert "No page yet" in page(signed_in(vera), kestrel)
        with acting_as(mara.pk):
            access.admit(nina, Role.CLINICIAN, kestrel.pk, by=mara, reason="findings")
        assert "No page yet" not in page(signed_in(nina), kestrel)

    def test_others_of_the_household_are_shown_to_whoever_may_open_them(self, signed_in, vera, tomas, mara, kestrel, ground):
        from relocation.journey.referring import NewCase, assign, refer

        with acting_as(mara.pk):
            family = Household.objects.create(code="H-1", by=mara)
            other = refer(NewCase(alias="Merlin", consent_given_on=timezone.localdate()), by=mara)
            assign(other.pk, vera, by=mara, reason="same household")
            Case.objects.visible_to(mara).filter(pk__in=[other.pk, kestrel.pk]).update(household=family)
        assert "Merlin" in page(signed_in(vera), kestrel)
        assert "Merlin" not in page(signed_in(tomas), kestrel)
