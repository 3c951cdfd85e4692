"""Locks: an account, a house or a case that nobody uses until two people open it. The database alone sets and lifts them."""

import uuid
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.safety import lock_rules, lockdown
from relocation.safety.questions import answer
from relocation.safety.refusal import Denied, Refusal

if TYPE_CHECKING:
    from relocation.models import Account

EVERYTHING = UUID(int=0)


class Locked(Refusal):
    """Somebody locked it, and it is opened again by two people."""

    kind = "locked"
    status = 503
    template = "refusals/locked.html"


class NotLifted(Refusal):
    """One person alone does not open what was locked."""

    kind = "not_lifted"


class Lock(models.Model):
    """What is locked, by whom and why, who asked for it to be opened and who did it."""

    class Scope(models.TextChoices):
        ACCOUNT = "account", gettext_lazy("an account")
        HOUSE = "house", gettext_lazy("a house")
        CASE = "case", gettext_lazy("a case")
        EVERYTHING = "everything", gettext_lazy("everything")

    class Why(models.TextChoices):
        COLLEAGUE = "colleague", gettext_lazy("locked by a colleague")
        BULK = "bulk", gettext_lazy("opened very much in one hour")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    scope = models.CharField(max_length=10, choices=Scope)
    subject_id = models.UUIDField(help_text="the account, house or case; zeros for everything")
    label = models.CharField(max_length=80, blank=True, help_text="a name or a code, for those who open it again")
    why = models.CharField(max_length=10, choices=Why, default=Why.COLLEAGUE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    through = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", help_text="the lock of the house")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    wall_rules: ClassVar[dict[str, str]] = {"SELECT": lock_rules.SEES}
    wall_questions: ClassVar[tuple[str, ...]] = tuple(lock_rules.questions())
    wall_statements: ClassVar[tuple[str, ...]] = tuple(lock_rules.functions())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject_id"], condition=models.Q(lifted_at=None), name="locked_once"),
            models.CheckConstraint(
                condition=models.Q(lifted_by=None) | ~models.Q(lifted_by=models.F("asked_by")), name="two_open_a_lock"
            ),
        ]

    def __str__(self) -> str:
        return f"lock {self.pk}"


def live() -> "models.QuerySet[Lock]":
    """What is locked now, as far as the acting account may know it."""
    return Lock.objects.filter(lifted_at=None)


def locked_cases() -> "models.QuerySet[Lock]":
    """The cases that are locked now."""
    return live().filter(scope=Lock.Scope.CASE).values("subject_id")  # type: ignore[return-value]


def refusal(account: "Account", case_id: UUID, capability: str) -> Refusal:
    """Why a case is not opened: to whoever holds a grant it is said that it is locked, to others nothing."""
    from relocation.safety.access import CaseGrant

    held = CaseGrant.objects.filter(user=account, content_object_id=case_id)
    if held.filter(content_object_id__in=locked_cases()).exists():
        sentence = _("A coordinator has locked this case. It opens again when two people agree that it is safe.")
        return Locked(case_id, capability, account.pk, sentence)
    return Denied(case_id, capability, account.pk)


def lock(scope: str, subject_id: UUID, *, by: "Account", label: str = "", through: UUID | None = None) -> UUID:
    """Lock now; sessions and links of a locked account are dead at once. Raises `Denied`. Returns the lock's id."""
    number = uuid.uuid4()
    with transaction.atomic():
        done = answer("SELECT harbour_lock(%s, %s, %s, %s, %s)", number, scope, subject_id, label[:80], through)
        if not done:
            raise Denied(subject_id, f"lock.{scope}", by.pk)
        return number


def lock_everything(*, by: "Account") -> bool:
    """Ask for it, or, as the second person within a quarter of an hour, do it. Returns whether all is locked. Raises `Denied`."""
    with transaction.atomic():
        done: str = answer("SELECT harbour_lock_all(%s)", uuid.uuid4())
        if not done:
            raise Denied(by.pk, "lock.everything", by.pk)
        if done == "locked":
            transaction.on_commit(lockdown.close)
        return done == "locked"


def lift(lock_id: UUID, *, by: "Account") -> bool:
    """Ask for a lock to be opened, or, as the second person within a day, open it. Raises `Denied`, `NotLifted`."""
    with transaction.atomic():
        done: str | None = answer("SELECT harbour_lift(%s)", lock_id)
        if done in ("", None):
            raise Denied(lock_id, "lock.lift", by.pk)
        if done in ("same", "custodian"):
            raise NotLifted(lock_id, "lock", by.pk, str(_WHY[done]))
        return done == "lifted"


def settle() -> None:
    """As the sweep of the outbox: grants that were given in the moment of a lock, or of its end, are made to fit."""
    with transaction.atomic():
        answer("SELECT harbour_settle_locks()")


_WHY = {
    "same": gettext_lazy("You asked for this yourself: somebody else must agree."),
    "custodian": gettext_lazy("One of the two who open an account again is an access custodian."),
}
