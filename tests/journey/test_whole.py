"""One journey from referral to resettlement through every door, with the papers made on the way."""

from fiction.story import Story, as_
from relocation.models import LedgerEntry, Stage
from relocation.safety import chain


class TestTheWholeWay:
    def test_from_referral_to_resettlement(self, ground, referred):
        story = Story(ground, referred.pk).to(Stage.RESETTLED)
        with as_(ground["vera"]) as vera:
            assert (story.case(vera).stage, story.case(vera).standing) == (Stage.RESETTLED, "active")
            taken = list(LedgerEntry.objects.filter(what__startswith="step.").order_by("seq").values_list("what", flat=True))
        assert [step.removeprefix("step.") for step in taken] == [
            "verify", "accept", "extract", "shelter", "document", "apply", "lodge", "grant", "depart", "arrive",
        ]  # fmt: skip
        with as_(ground["anton"]):
            assert chain.verify().broken is None
