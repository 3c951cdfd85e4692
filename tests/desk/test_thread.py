"""Answers to a post, from the desk."""

import pytest

from fiction.story import Story
from relocation.models import Message, Outbox, Stage


@pytest.fixture
def lodged(kestrel, ground, tomas):
    story = Story(ground, kestrel.pk)
    for chapter in ("accept", "extract", "shelter", "document", "apply", "lodge"):
        getattr(story, chapter)()
    return story


class TestThread:
    def test_the_lead_answers_and_the_post_is_told(self, lodged, vera, signed_in, acting):
        with acting(vera):
            application = lodged.application()
        page = f"/cases/{lodged.case_id}/posts/{application.pk}/"
        answer = signed_in(vera).post(page, {"words": "The birth certificate follows."})
        assert answer.status_code == 302
        with acting(vera):
            assert Message.objects.get().dossier_id == application.dossier_id
            assert Outbox.objects.filter(kind="tell_post").count() == 2
        assert "The birth certificate follows." in signed_in(vera).get(page).content.decode()

    def test_nothing_is_sent_before_a_dossier_is_with_the_post(self, kestrel, ground, vera, signed_in, acting):
        story = Story(ground, kestrel.pk)
        application = story.choose_post()
        page = f"/cases/{kestrel.pk}/posts/{application.pk}/"
        assert "once a dossier has been released" in signed_in(vera).post(page, {"words": "too early"}).content.decode()
        with acting(vera):
            assert not Message.objects.exists()

    def test_a_stranger_gets_the_page_of_nothing(self, lodged, vera, charlie, signed_in, acting):
        with acting(vera):
            application = lodged.application()
        answer = signed_in(charlie).get(f"/cases/{lodged.case_id}/posts/{application.pk}/")
        assert answer.status_code == 404


def test_the_stage_is_lodged(lodged, vera, acting):
    with acting(vera):
        assert lodged.case(vera).stage == Stage.LODGED
