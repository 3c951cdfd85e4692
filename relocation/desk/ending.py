"""Access that ends soon, in the day of those who may let it go on, and of whoever loses it."""

from datetime import timedelta

from django.db.models import ExpressionWrapper, F, Q, fields
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.desk.panels import Todo
from relocation.journey.silence import silent
from relocation.models import Account, CaseGrant
from relocation.safety import access
from relocation.safety.policy import FOR_ONE

SOON = timedelta(days=14)
SHOWN = 20
_TERM = ExpressionWrapper(F("expires_at") - F("granted_at"), output_field=fields.DurationField())


def ending(account: Account) -> list[Todo]:
    """Roles that end within 14 days, once more than half of their term is over; those for one stay or leg end with it.

    The account's own, and everybody's on the cases that it coordinates.
    """
    now = timezone.now()
    found = CaseGrant.objects.filter(_mine(account), expires_at__lte=now + SOON)
    found = found.exclude(permission__codename__in=FOR_ONE).annotate(term=_TERM)
    late = found.filter(term__gt=timedelta(days=7), expires_at__lte=now + F("term") / 2)
    told = late.exclude(content_object_id__in=silent(account).values("case"))
    return [
        _todo(grant, account)
        for grant in told.select_related("content_object", "user", "permission").order_by("expires_at")[:SHOWN]
    ]


def _mine(account: Account) -> Q:
    return Q(user=account) | Q(content_object_id__in=access.grants(account, "case.assign").values("content_object_id"))


def _todo(grant: CaseGrant, account: Account) -> Todo:
    case, url = grant.content_object, reverse("desk:people", args=[grant.content_object_id])
    words = {"name": grant.user, "role": grant.role.label}
    if grant.user_id == account.pk:
        sentence, label = _("Your access as %(role)s ends") % words, _("Whom to ask")
        return Todo(case, sentence, _("Somebody else on the case lets you stay."), label, url, grant.expires_at)
    return Todo(case, _("%(name)s’s access as %(role)s ends") % words, "", _("Let them stay, or not"), url, grant.expires_at)
