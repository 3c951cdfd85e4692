"""Whom a person would meet on a leg besides its escort: whoever else has a seat on it."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from logistics.models import Leg
from relocation.journey import kin
from relocation.journey.kin import NotAdmitted
from relocation.models import Account, system_account
from relocation.safety.actor import acting_as


def others_must_suit(case_id: UUID, leg: Leg, by: Account) -> None:
    """Nobody travels with a pursuer's kin or with whom either bars. Raises `NotAdmitted`, which names nobody."""
    if not kin.may_share_a_roof(case_id, _others_aboard(leg, case_id)):
        raise NotAdmitted(case_id, "seat", by.pk, _("This leg does not suit this person. Choose another one."))


def _others_aboard(leg: Leg, case_id: UUID) -> Collection[UUID]:
    """The other cases on the leg, but for the person's own household, as the sweep that compares names may know them."""
    with acting_as(system_account("conflicts")), connection.cursor() as cursor:
        cursor.execute("SELECT harbour_others_aboard(%s, %s)", [leg.pk, case_id])
        return [row[0] for row in cursor.fetchall()]
