"""The door of bars: the person says whom they do not want near their case, and whoever that is goes at once."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import kin, on_call
from relocation.journey.people import lasting_coordinators
from relocation.models import Account, Bar, Case, CaseGrant
from relocation.safety import access, ledger
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied, Refusal

access.declare("bar", Bar.also_add | {Role.LEAD})
access.declare("bar.lift", {Role.LEAD})


WhenBarred = Callable[[Case, Account], None]
_when_barred: list[WhenBarred] = []


def when_barred(act: WhenBarred) -> WhenBarred:
    """An upper room says what follows once the person of a case bars somebody; told the case and by whom it was noted."""
    _when_barred.append(act)
    return act


class NotBarred(Refusal):
    """What is to be noted says of nobody whom it is about."""

    kind = "not_barred"


def bar(case: Case, *, by: Account, about: UUID | None = None, name: str = "", words: str = "") -> Bar:
    """Bar an account or organisation (`about`), or a name. Whoever it is about is let go; nobody is told why.

    Raises `Denied`, and `NotBarred` where nobody is named.
    """
    with transaction.atomic():
        _locked(case, "bar", by)
        if about is None and not name.strip():
            raise NotBarred(case.pk, "bar", by.pk, _("Say whom the person does not want: choose somebody, or write a name."))
        noted = Bar(case=case, by=by, about=about, name=name.strip(), words=words)
        noted.save(force_insert=True)
        ledger.record("bar.noted", case.pk, by=by, about=noted.pk)
        _end_by_name(case, by)
        _keep_somebody(case, by)
        for act in _when_barred:
            act(case, by)
        return noted


def lift(noted: Bar, *, by: Account, words: str) -> None:
    """The person wants it otherwise now. Nobody comes back by it: they are let in anew. Raises `Denied`."""
    with transaction.atomic():
        _locked(noted.case, "bar.lift", by)
        if not Bar.objects.filter(pk=noted.pk, lifted_at=None).update(lifted_at=timezone.now()):
            raise Denied(noted.case_id, "bar.lift", by.pk)
        ledger.record("bar.lifted", noted.case_id, by=by, about=noted.pk, reason=words)


def _locked(case: Case, capability: str, by: Account) -> None:
    Case.objects.visible_to(by).select_for_update(no_key=True).filter(pk=case.pk).first()
    access.require(by, capability, case.pk)


def _end_by_name(case: Case, by: Account) -> None:
    """The database ends what a bar of an account forbids; whoever bears the name is barred as an account too, oneself last."""
    present = CaseGrant.objects.filter(content_object_id=case.pk).select_related("user__organisation")
    for account in sorted({grant.user for grant in present}, key=lambda account: account.pk == by.pk):
        home = {account.organisation.pk: account.organisation.name} if account.organisation else {}
        if not kin.may_come(case.pk, {account.pk: account.name}, home, kin=False):
            Bar(case=case, by=by, about=account.pk).save(force_insert=True)


def _keep_somebody(case: Case, by: Account) -> None:
    """Where nobody answers for the case any more, the people on call do, until the custodian has found somebody."""
    if access.may(by, "case.open", case.pk) and not lasting_coordinators(case.pk).exists():
        on_call.let_in(case, by=by, reason="nobody else coordinates the case")
