"""A dossier goes to a post by consent, by two people, while the way is open; and comes back when any of it ends."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fiction.story import Story, as_, do_jobs
from relocation.embassy import dossiers
from relocation.embassy.held import held
from relocation.journey import recording
from relocation.models import Application, CaseGrant, Consent, Outbox, Paper, Stage
from relocation.paperwork.contents import CannotMake
from relocation.paperwork.dossier_gathering import agreed
from relocation.paperwork.issue import issue
from relocation.paperwork.release import NotReleased, ask_release, release, revoke
from relocation.safety.refusal import Denied
from tests.embassy.conftest import put_dossier


@pytest.fixture
def story(referred, ground) -> Story:
    """Kestrel, whose application to R2 is complete."""
    told = Story(ground, referred.pk).to(Stage.ACCEPTED)
    told.document()
    told.apply()
    return told


@pytest.fixture
def paper(story) -> Paper:
    return put_dossier(story, story.application())


def ask(story, paper, by="vera"):
    with as_(story.ground[by]) as account:
        return ask_release(paper, story.application(), by=account, reason="complete", session="device")


def holds(officer) -> int:
    with as_(officer):
        return len(held(officer))


def withdraw(story):
    with as_(story.ground["vera"]) as vera:
        recording.withdraw_consent(Consent.objects.get(case=story.case_id, purpose="share"), by=vera)


def state(paper, vera) -> str:
    with as_(vera):
        return Paper.objects.get(pk=paper.pk).state


def consent(story, **changes):
    today = timezone.localdate()
    usual = {"purpose": "share", "post": story.ground.posts["R2"], "data": ["identity", "claim", "documents"]}
    given = Consent(given_on=today, expires_on=today + timedelta(days=90), **(usual | changes))
    story.note(given, "vera")


class TestByConsent:
    def test_with_it_the_post_reads(self, story, paper, elise):
        story.release_dossier(paper)
        assert holds(elise) == 1

    @pytest.mark.parametrize(
        "changes",
        [{"data": ["identity", "documents"]}, {"post": "R5"}, {"purpose": "travel"}],
        ids=["less", "elsewhere", "other"],
    )
    def test_without_one_for_this_post_and_all_of_it_nobody_is_asked(self, story, paper, ground, changes):
        withdraw(story)
        consent(story, **({**changes, "post": ground.posts["R5"]} if "post" in changes else changes))
        with pytest.raises(NotReleased, match=r"not_released\.release"):
            ask(story, paper)

    def test_an_approval_given_for_one_consent_serves_no_other(self, story, paper, vera):
        story.agree(ask(story, paper))
        withdraw(story)
        consent(story)
        with pytest.raises(NotReleased) as refused, as_(vera):
            release(paper, story.application(), by=vera)
        assert "has changed since" in refused.value.sentence

    def test_withdrawn_it_takes_back_what_the_post_held_and_what_is_being_made(self, story, paper, vera, elise):
        story.release_dossier(paper)
        with as_(vera):
            made = issue("dossier", [story.case(vera)], "R2", by=vera, about=story.application().pk)
            Outbox.objects.filter(kind="make_paper").update(next_at=timezone.now() + timedelta(hours=1))
        withdraw(story)
        do_jobs()
        assert (state(paper, vera), state(made, vera), holds(elise)) == ("revoked", "revoked", 0)
        with as_(vera):
            assert not CaseGrant.objects.filter(user=elise, content_object_id=story.case_id).exists()

    def test_another_one_in_force_keeps_it_there(self, story, paper, vera, elise):
        story.release_dossier(paper)
        with as_(vera):
            first = Consent.objects.get(case=story.case_id, purpose="share")
        consent(story)
        with as_(vera):
            recording.withdraw_consent(first, by=vera)
        do_jobs()
        assert (state(paper, vera), holds(elise)) == ("ready", 1)

    def test_withdrawn_the_post_reads_nothing_even_before_a_worker_has_heard_of_it(self, story, paper, vera, elise):
        story.release_dossier(paper)
        withdraw(story)
        assert holds(elise) == 0

    def test_an_officer_reads_no_longer_than_the_consent_lasts(self, story, paper, vera, elise):
        today = timezone.localdate()
        with as_(vera):
            Consent.objects.filter(case=story.case_id, purpose="share").update(expires_on=today + timedelta(days=3))
        story.release_dossier(paper)
        with as_(elise):
            (dossier,) = held(elise)
        assert timezone.localdate(dossier.ends) == today + timedelta(days=4)
        assert dossier.ends - timezone.now() <= timedelta(days=4)


class TestFromWhere:
    @pytest.mark.parametrize("where", ["chosen", "granted", "refused", "lapsed", "dropped"])
    def test_only_while_it_is_prepared_or_lodged(self, story, paper, vera, where):
        with as_(vera):
            Application.objects.filter(pk=story.application().pk).update(state=where)
        with pytest.raises(NotReleased) as refused:
            ask(story, paper)
        assert "prepared or lodged" in refused.value.sentence

    def test_not_while_the_way_is_closed_though_it_was_agreed_to(self, story, paper, vera):
        story.agree(ask(story, paper))
        story.step("compromise", "vera", reason="somebody asked for her")
        with pytest.raises(NotReleased) as refused, as_(vera):
            release(paper, story.application(), by=vera)
        assert "The way is not open" in refused.value.sentence

    def test_a_coordinator_neither_asks_nor_releases(self, story, paper):
        with pytest.raises(Denied):
            ask(story, paper, by="mara")


class TestAgain:
    def test_the_same_dossier_is_released_for_14_days_more(self, story, paper, vera, elise):
        story.release_dossier(paper)
        with as_(elise):
            assert dossiers.acknowledge(dossiers.open_dossier(paper.pk, elise), elise)
        with as_(vera):
            before = CaseGrant.objects.get(user=elise, scope=paper.pk).expires_at
        story.release_dossier(paper)
        assert state(paper, vera) == "ready" and holds(elise) == 1
        with as_(vera):
            assert CaseGrant.objects.get(user=elise, scope=paper.pk).expires_at > before
            assert Application.objects.get(dossier=paper).acknowledged_at
            assert Outbox.objects.filter(kind="tell_post").count() == 2

    def test_it_needs_a_second_person_again(self, story, paper, vera):
        story.release_dossier(paper)
        with pytest.raises(NotReleased), as_(vera):
            release(paper, story.application(), by=vera)

    def test_a_newer_one_does_not_raise_what_was_revoked(self, story, paper, vera, elise):
        story.release_dossier(paper)
        with as_(vera):
            revoke(paper, by=vera, reason="a mistake in it")
        story.release_dossier(put_dossier(story, story.application(), version=2))
        assert (state(paper, vera), holds(elise)) == ("revoked", 1)


class TestTakingBack:
    @pytest.mark.parametrize("who", ["vera", "mara"])
    def test_the_lead_and_a_coordinator_end_what_officers_open(self, story, paper, ground, elise, who):
        story.release_dossier(paper)
        with as_(ground[who]) as account:
            revoke(paper, by=account, reason="a mistake in it")
        assert holds(elise) == 0
        with as_(ground["vera"]):
            assert not CaseGrant.objects.filter(user=elise, scope=paper.pk).exists()

    def test_a_verifier_takes_nothing_back(self, story, paper, tomas):
        with pytest.raises(Denied), as_(tomas):
            revoke(paper, by=tomas, reason="a mistake in it")


class TestWhatItHolds:
    def test_no_dossier_without_the_whole_consent(self, story, vera):
        withdraw(story)
        consent(story, data=["identity", "photo"])
        with pytest.raises(CannotMake), as_(vera):
            agreed(story.application())

    @pytest.mark.parametrize("photo", [True, False])
    def test_a_photograph_only_where_it_was_agreed_to(self, story, vera, photo):
        from relocation.paperwork.dossier_gathering import gather

        withdraw(story)
        consent(story, data=["identity", "claim", "documents", *(["photo"] if photo else [])])
        dossier = story.make_dossier()
        assert dossier.state == "ready", dossier.trouble
        with as_(vera):
            said = gather(dossier, vera)
        assert bool(said.photo) is photo
        assert any("hoto" in line.kind for line in said.inventory) is photo
        assert any("hoto" in copy.title for copy in said.copies) is photo
        assert dossier.recipient == "R2" and said.recipient_post == "Embassy of Ruritania"
