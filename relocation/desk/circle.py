"""Who can open a case: the people on it, their roles, and whom to ask for what one may not do oneself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from relocation.journey.silence import unsaid_grants
from relocation.models import Account, Case
from relocation.safety.access import CAPABILITIES, CaseGrant
from relocation.safety.policy import SCOPED, Role


@dataclass(frozen=True)
class Circle:
    """The live grants of one case, as one account sees them."""

    grants: list[Any]
    account: Account

    @property
    def mine(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants if grant.user_id == self.account.pk and grant.role not in SCOPED)

    def may(self, capability: str) -> bool:
        """As `access.may`, from the grants that are already here."""
        return bool(self.mine & CAPABILITIES.get(capability, frozenset()))

    def names(self, roles: Iterable[Role]) -> list[str]:
        """Everybody else in one of these roles."""
        wanted = set(roles)
        return sorted({str(grant.user) for grant in self.grants if grant.role in wanted and grant.user_id != self.account.pk})

    def ask(self, roles: Iterable[Role]) -> str:
        """Whom to ask for something that takes one of these roles."""
        wanted = list(roles)
        labels = get_text_list([str(role.label) for role in wanted], _("or"))
        if names := self.names(wanted):
            return _("%(names)s can do this, as %(role)s.") % {"names": get_text_list(names, _("or")), "role": labels}
        return _("Only a %(role)s can do this, and nobody on the case is one.") % {"role": labels}


def circle(case: Case, by: Account) -> Circle:
    """Who can open this case now."""
    grants = CaseGrant.objects.filter(content_object_id=case.pk).exclude(unsaid_grants(case, by))
    return Circle(list(grants.select_related("user", "permission").order_by("granted_at")), by)


def roles_by_case(account: Account, case_ids: Iterable[UUID]) -> dict[UUID, list[Role]]:
    """The account's own roles on each of these cases."""
    found: dict[UUID, list[Role]] = {}
    for grant in CaseGrant.objects.filter(user=account, content_object_id__in=list(case_ids)).select_related("permission"):
        found.setdefault(grant.content_object_id, []).append(grant.role)
    return found
