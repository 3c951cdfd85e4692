"""Who waits for a bed: first whoever must leave a burned house, then whoever needs one soon and has none."""

from typing import Any

from django.db.models import BooleanField, DateTimeField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from relocation.journey.silence import shown_standings
from relocation.models import Account, Case, Deadline, Stage, Standing
from shelters.models import Stay, StayQuerySet

NEEDS_A_BED = (Stage.ACCEPTED, Stage.EXTRACTING)
OVER = (Stage.CLOSED, Stage.DECLINED)
SLEEPS_ELSEWHERE = (Standing.DETAINED, Standing.DECEASED)


def waiting_for_a_bed(account: Account, capability: str = "place") -> QuerySet[Any]:
    """Cases that this account may place (or whatever else the capability says), the most urgent first.

    Of each, `must_move` says that the house where they sleep, or were to sleep, is burned and no other bed waits for them yet;
    `move_by` is until when (UTC). They are shown whatever their stage and standing, also while they are still there.
    """
    shown = [case_id for case_id, seems in shown_standings(account).items() if seems is Standing.ACTIVE]
    active = Q(standing=Standing.ACTIVE) | Q(pk__in=shown)
    needs_one = active & Q(stage__in=NEEDS_A_BED) & ~Q(pk__in=_running().values("case"))
    return _with_moves(Case.objects.visible_to(account, capability)).filter(needs_one | Q(must_move=True))


def still_uncounted(account: Account) -> int:
    """How many people need a bed and have none at all: whoever is still in a burned house is counted by the bed there."""
    return waiting_for_a_bed(account, "case.open").exclude(pk__in=_running().values("case")).count()


def _running() -> StayQuerySet:
    """Stays that occupy a bed, and whose nights are not over."""
    return Stay.objects.standing().filter(nights__endswith__gt=timezone.localdate())


def _with_moves(cases: QuerySet[Case]) -> QuerySet[Any]:
    """Each with `move_by` and `must_move`; only tasks that a burned house left name what they are about."""
    tasks = Deadline.objects.filter(case=OuterRef("pk"), kind=Deadline.Kind.MOVE, done_at=None, about__isnull=False)
    bed = _running().in_open_houses().filter(case=OuterRef("pk"))
    in_danger = Q(move_by__isnull=False) & ~Q(stage__in=OVER) & ~Q(standing__in=SLEEPS_ELSEWHERE) & ~Exists(bed)
    found = cases.annotate(move_by=Subquery(tasks.values("due_at")[:1], output_field=DateTimeField()))
    return found.annotate(must_move=ExpressionWrapper(in_danger, BooleanField())).order_by("-must_move", "stage_since")
