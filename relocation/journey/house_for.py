"""The door for one answer of the person: which of the houses that are kept for women or for men suits them."""

from django.db import transaction

from relocation.journey.recording import held
from relocation.models import Account, Case
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied


def answer(case: Case, said: Case.HouseFor, *, by: Account) -> None:
    """Keep on the card what the person said; the ledger notes that they were asked, never what they said. Raises `Denied`."""
    with transaction.atomic():
        if not held(case.pk):
            raise Denied(case.pk, "house_for", by.pk)
        access.require(by, "card.write", case.pk)
        Case.objects.visible_to(by, "card.write").filter(pk=case.pk).update(house_for=said)
        ledger.record("case.house_for", case.pk, by=by)
