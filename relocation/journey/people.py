"""Who is let in, stays longer and is let go, under the case's lock: a case keeps a coordinator who is there beyond a shift."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from relocation.models import Account, Case, CaseGrant, DutyShift
from relocation.safety import access
from relocation.safety.policy import FOR_ONE, Role
from relocation.safety.refusal import Denied, Refusal


class LastCoordinator(Refusal):
    """Without this coordinator nobody but the people on call could answer for the case."""

    kind = "last_coordinator"


def end(grant: CaseGrant, *, by: Account) -> None:
    """End somebody's access now. Raises `Denied`, and `LastCoordinator` while nobody else stays."""
    with transaction.atomic():
        grant = _locked(grant, by)
        stay = lasting_coordinators(grant.content_object_id)
        if stay.filter(pk=grant.pk).exists() and not stay.exclude(user=grant.user_id).exists():
            sentence = _("A case keeps one coordinator. Let another one in first.")
            raise LastCoordinator(grant.content_object_id, "dismiss.coordinator", by.pk, sentence)
        access.dismiss(grant.user, grant.role, grant.content_object_id, by=by, scope=grant.scope)


def renew(grant: CaseGrant, *, by: Account) -> CaseGrant:
    """Let somebody stay for the role's whole term from now on. Raises `Denied`, also for one's own."""
    with transaction.atomic():
        grant = _locked(grant, by)
        if not may_renew(grant, by):
            raise Denied(grant.content_object_id, f"renew.{grant.role}", by.pk)
        return access.renew(grant, by=by, reason="renewed")


def may_end(grant: CaseGrant, by: Account) -> bool:
    """One's own, and those that one's role on the case lets go."""
    return grant.user_id == by.pk or access.may(by, f"dismiss.{grant.role}", grant.content_object_id)


def may_renew(grant: CaseGrant, by: Account) -> bool:
    """Never one's own; what was given for one stay, leg or dossier ends with it."""
    theirs = grant.user_id != by.pk and grant.role not in FOR_ONE
    return theirs and access.may(by, f"admit.{grant.role}", grant.content_object_id)


def lasting_coordinators(case_id: UUID) -> QuerySet[CaseGrant]:
    """Coordinators who are there for longer than the shift that they were called in."""
    shift = DutyShift.objects.filter(account=OuterRef("user"), ends_at=OuterRef("expires_at"))
    found: QuerySet[CaseGrant] = access.holders(case_id, Role.COORDINATOR).exclude(Exists(shift))
    return found


def _locked(grant: CaseGrant, by: Account) -> CaseGrant:
    """The grant as it is now, under the case's lock. Raises `Denied`."""
    case_id = grant.content_object_id
    case = Case.objects.visible_to(by).select_for_update(no_key=True).filter(pk=case_id).first()
    found: CaseGrant | None = CaseGrant.objects.select_related("user", "permission").filter(pk=grant.pk).first()
    if case is None or found is None:
        raise Denied(case_id, f"dismiss.{grant.role}", by.pk)
    return found
