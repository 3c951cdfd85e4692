"""Who may open a case: grants, and the two questions `permitted` (which cases) and `may` (this one)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.db import ProgrammingError, models, transaction
from django.db.models import Func, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from relocation.safety import ledger
from relocation.safety.locks import locked_cases
from relocation.safety.policy import ADMITS, AGREES, ENDS, FOR_ONE, POLICY, SCOPED, Compartment, Role
from relocation.safety.refusal import Denied
from relocation.safety.sealed import Sealed

if TYPE_CHECKING:
    from django.contrib.auth.models import Permission

    from relocation.models import Account, Case

    CaseRows = models.QuerySet[Case]
    CaseManager = models.Manager[Case]
    GrantManager = UserObjectPermissionManager[Any]
else:
    CaseRows, CaseManager, GrantManager = models.QuerySet, models.Manager, UserObjectPermissionManager

DESK = frozenset(Role) - SCOPED

CAPABILITIES: dict[str, frozenset[Role]] = {
    "case.open": POLICY.roles(Compartment.CARD, "reads") & DESK,
    "case.assign": frozenset({Role.COORDINATOR}),
    "approve": AGREES,
    "paper.issue": frozenset({Role.LEAD, Role.COORDINATOR}),
    "place": frozenset({Role.LEAD}),
}
for _c in Compartment:
    CAPABILITIES[f"{_c}.read"] = POLICY.roles(_c, "reads")
    CAPABILITIES[f"{_c}.reveal"] = POLICY.roles(_c, "reads") | POLICY.roles(_c, "with_reason")
    CAPABILITIES[f"{_c}.reveal_together"] = POLICY.roles(_c, "with_second_person")
    CAPABILITIES[f"{_c}.write"] = POLICY.roles(_c, "writes")
    CAPABILITIES[f"{_c}.own"] = POLICY.roles(_c, "own")
for _r in Role:
    CAPABILITIES[f"admit.{_r}"] = frozenset(giver for giver, taken in ADMITS.items() if _r in taken)
    CAPABILITIES[f"dismiss.{_r}"] = frozenset(ender for ender, taken in ENDS.items() if _r in taken)


def declare(capability: str, roles: Iterable[Role]) -> None:
    """An upper room names a capability and who has it (a step says who takes it)."""
    CAPABILITIES[capability] = frozenset(roles)


Judge = Callable[["Account", Role, UUID, "Account"], datetime | None]
_judges: list[Judge] = []


def before_admitting(judge: Judge) -> Judge:
    """An upper room looks at whoever is to be let in, in the same transaction: it refuses, or says when it ends at the latest."""
    _judges.append(judge)
    return judge


def judged(account: "Account", role: Role, case_id: UUID, by: "Account") -> list[datetime]:
    """Ask all judges; the ends that they set. Raises what they raise."""
    limits = [judge(account, role, case_id, by) for judge in _judges]
    return [limit for limit in limits if limit is not None]


class Live(GrantManager):
    """Grants that have not ended, by the database's clock."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(expires_at__gt=Now())


class _Span(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class CaseGrant(UserObjectPermissionBase):
    """The only truth about who may open a case: a role on it (the permission's codename), why, and until when."""

    # known before the row is: what is sealed is bound to it
    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID())
    content_object = models.ForeignKey("relocation.Case", models.CASCADE, db_column="case_id", related_name="grants")
    scope = models.UUIDField(help_text="the stay, leg or dossier it is for; else the case itself")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())
    reason = Sealed(compartment=Compartment.CARD, keyed_by="content_object_id")
    expires_at = models.DateTimeField()
    # Copies kept by a trigger, so that a list of cases is read from its grants in one index scan.
    last_activity_at = models.DateTimeField(db_default=Now())
    stage = models.CharField(max_length=20, default="referred")
    standing = models.CharField(max_length=20, default="active")
    locked = models.BooleanField(db_default=False, help_text="its case or its holder is locked; a trigger keeps it")

    objects: ClassVar[Live] = Live()
    ever = UserObjectPermissionManager()
    # guardian's would load the case, which its giver may not see and which may not be born yet
    save = models.Model.save

    class Meta:
        default_permissions = ()
        unique_together: ClassVar[list[str]] = []
        constraints = [
            ExclusionConstraint(
                name="one_live_grant",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("permission", RangeOperators.EQUAL),
                    ("content_object", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    (_Span("granted_at", "expires_at"), RangeOperators.OVERLAPS),
                ],
            )
        ]
        indexes = [
            models.Index(
                fields=["user", "content_object"], name="grant_case", include=["expires_at", "permission", "scope", "locked"]
            ),
            models.Index(
                fields=["user", "-last_activity_at", "-content_object"],
                name="grant_list",
                include=["expires_at", "permission", "stage"],
            ),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"

    @property
    def role(self) -> Role:
        return Role(self.permission.codename)


class Unnarrowed(RuntimeError):
    """Somebody asked for all cases."""


class CaseQuerySet(CaseRows):
    """Cases that somebody was permitted to see."""


class Guarded(CaseManager):
    """The only manager of cases: it raises until it is told for whom."""

    def get_queryset(self) -> Any:
        raise Unnarrowed("Case.objects must be narrowed: Case.objects.visible_to(account).")

    def visible_to(self, account: "Account", capability: str = "case.open") -> CaseQuerySet:
        return permitted(account, capability)


def _roles(capability: str) -> list[str]:
    return sorted(CAPABILITIES.get(capability, frozenset()))


def grants(account: "Account", capability: str) -> QuerySet[Any]:
    """The account's live grants that give `capability`, on cases that nobody has locked."""
    if not (account and account.is_active):
        return CaseGrant.objects.none()
    held = CaseGrant.objects.filter(user=account, permission__codename__in=_roles(capability))
    return held.exclude(content_object_id__in=locked_cases())


def permitted(account: "Account", capability: str) -> CaseQuerySet:
    """The cases on which `account` has `capability`; nothing for whoever is not active."""
    cases = CaseQuerySet(apps.get_model("relocation", "Case"))
    return cases.filter(pk__in=grants(account, capability).values("content_object_id"))


def may(account: "Account", capability: str, case_id: UUID, *, scope: UUID | None = None) -> bool:
    """Whether the case is in `permitted(account, capability)`; with `scope`, by a grant given for that scope."""
    if not account.is_active:
        return False
    wanted = grants(account, capability).filter(content_object_id=case_id)
    return (wanted.filter(scope=scope) if scope else wanted).exists()


def require(account: "Account", capability: str, case_id: UUID, *, scope: UUID | None = None) -> None:
    """Raise `Denied`, which the edge writes into the ledger, unless `may`."""
    if not may(account, capability, case_id, scope=scope):
        raise Denied(case_id, capability, account.pk)


def holders(case_id: UUID, role: Role) -> QuerySet[Any]:
    """Live grants of one role on a case, as far as the acting account may see them."""
    return CaseGrant.objects.filter(content_object_id=case_id, permission__codename=role)


def _permission(role: Role) -> "Permission":
    from django.contrib.auth.models import Permission

    return Permission.objects.get(content_type__app_label="relocation", content_type__model="case", codename=role)


def admit(
    account: "Account",
    role: Role,
    case_id: UUID,
    *,
    by: "Account",
    reason: str,
    until: datetime | None = None,
    scope: UUID | None = None,
) -> CaseGrant:
    """Let somebody in. `until` (UTC) defaults to the role's own end; a scoped role says what it is for.

    Raises ValueError where reason, end or scope is missing, `Denied` where the database's policy says that `by` may not give,
    and what the judges raise of whom the person bars, or who bears a pursuer's name.
    """
    end = until or (timezone.now() + term if (term := POLICY.ends[role]) else None)
    if not reason.strip() or end is None or (role in FOR_ONE and scope is None):
        raise ValueError("A grant names its reason, its end and, where it is for one stay, leg or dossier, its scope.")
    grant = CaseGrant(
        user=account,
        permission=_permission(role),
        content_object_id=case_id,
        scope=scope or case_id,
        granted_by=by,
        reason=reason,
        expires_at=end,
    )
    try:
        with transaction.atomic():
            grant.expires_at = min([end, *judged(account, role, case_id, by)])
            grant.save(force_insert=True)
    except ProgrammingError as error:  # the row policy of grants has the last word on who lets whom in
        if "row-level security" not in str(error):
            raise
        raise Denied(case_id, f"admit.{role}", by.pk) from None
    ledger.record("grant.given", case_id, by=by, about=account.pk, detail=str(role), reason=reason)
    return grant


def dismiss(account: "Account", role: Role, case_id: UUID, *, by: "Account", scope: UUID | None = None) -> None:
    """End a grant now. Raises `Denied` where the acting account may not end it."""
    live = CaseGrant.objects.filter(user=account, permission__codename=role, content_object_id=case_id)
    if not (live.filter(scope=scope) if scope else live).update(expires_at=Now()):
        raise Denied(case_id, f"dismiss.{role}", by.pk)
    ledger.record("grant.ended", case_id, by=by, about=account.pk, detail=str(role))


def renew(grant: CaseGrant, *, by: "Account", reason: str) -> CaseGrant:
    """End a grant and give it anew for its role's own term, in one transaction; never one's own.

    Raises `Denied`, and ValueError for a role that ends with its stay, leg or dossier.
    """
    if grant.role in FOR_ONE:
        raise ValueError("What was given for one stay, leg or dossier ends with it.")
    account, role, case_id, scope = grant.user, grant.role, grant.content_object_id, grant.scope
    with transaction.atomic():
        dismiss(account, role, case_id, by=by, scope=scope)
        return admit(account, role, case_id, by=by, reason=reason, scope=scope)
