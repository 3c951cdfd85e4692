"""Who looks for the person, on the case page: how much is noted, and where; what it says is opened for a reason."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from relocation.desk.panels import Panel, panel
from relocation.journey import recording
from relocation.models import Account, Case, OnCase, PastAttempt, Pursuer, Vehicle
from relocation.safety import access

NOTED: dict[str, tuple[type[OnCase], Any, dict[str, Any]]] = {
    "pursuer": (Pursuer, _("Who looks for them"), {}),
    "vehicle": (Vehicle, _("What they drive"), {"ended_at": None}),
    "past-attempt": (PastAttempt, _("What they tried before"), {}),
}


@dataclass(frozen=True)
class Noted:
    """One kind of record, what it is called here, and how many there are."""

    slug: str
    label: Any
    many: int


@panel("pursuers")
def pursuers(case: Case, account: Account) -> Panel | None:
    """How much is noted of each kind; None for whoever may not read contacts. One query."""
    if not access.may(account, "contacts.reveal", case.pk):
        return None
    kinds = [
        model._default_manager.filter(case=case, **wanted).order_by().values_list(Value(slug))
        for slug, (model, _label, wanted) in NOTED.items()
    ]
    counted = Counter(slug for (slug,) in kinds[0].union(*kinds[1:], all=True))
    noted = [Noted(slug, label, counted[slug]) for slug, (_model, label, _wanted) in NOTED.items()]
    writes = recording.may_write(account, Pursuer, case)
    return Panel("desk/_pursuers.html", {"case": case, "noted": noted, "any": bool(counted), "writes": writes})
