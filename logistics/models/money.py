"""What it costs, and who agreed: budgets and expenses of cases and waves. Amounts are whole minor units (ISO 4217)."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from logistics.models import money_rules
from logistics.money import currencies
from relocation.models import Account, OnCase, Organisation, Wave
from relocation.safety.guards import WHO
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed

MONEY = Compartment.MONEY


def _currency() -> Any:
    return models.CharField(_("currency"), max_length=3)


def _in_use(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(currency__in=currencies.CODES), name=name)


class Funder(models.Model):
    """Whose money it is. An expense of no funder was paid from the organisation's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(_("funder"), max_length=60)
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)

    wall_rules: ClassVar[dict[str, str]] = money_rules.OF_ORGANISATION | {"UPDATE": "false"}

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="funder_once")]

    def __str__(self) -> str:
        return self.name


class Limit(models.Model):
    """Above what amount two people are needed. It holds once a second coordinator agreed; the newest one counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    currency = _currency()
    minor = models.BigIntegerField()
    device = models.BinaryField(help_text="digest of the device of whoever proposes it")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)
    agreed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False)
    agreed_at = models.DateTimeField(null=True, editable=False)

    wall_rules: ClassVar[dict[str, str]] = money_rules.OF_ORGANISATION
    wall_statements: ClassVar[tuple[str, ...]] = money_rules.LIMITS

    class Meta:
        default_permissions = ()
        ordering = ["-at"]
        constraints = [
            _in_use("limit_currency"),
            models.CheckConstraint(condition=Q(minor__gte=0), name="limit_not_negative"),
            models.CheckConstraint(condition=Q(agreed_by=None) | ~Q(agreed_by=F("by")), name="two_set_a_limit"),
            models.CheckConstraint(
                condition=Q(agreed_by=None, agreed_at=None) | Q(agreed_by__isnull=False, agreed_at__isnull=False),
                name="limit_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"limit {self.currency}"


class CaseBudget(OnCase):
    """What may be spent for one person in a currency; the newest row counts, and the older ones stay."""

    currency = known(MONEY, _currency())
    minor = known(MONEY, models.BigIntegerField())

    class Meta(OnCase.Meta):
        constraints = [
            _in_use("casebudget_currency"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="casebudget_more_than_nothing"),
        ]


class WaveBudget(models.Model):
    """What may be spent for a wave in a currency; the newest row counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    wave = models.ForeignKey(Wave, models.CASCADE, related_name="budgets")
    currency = _currency()
    minor = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)

    wall_rules: ClassVar[dict[str, str]] = money_rules.OF_WAVE

    class Meta:
        default_permissions = ()
        ordering = ["at"]
        constraints = [
            _in_use("wavebudget_currency"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="wavebudget_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"budget {self.currency}"


class Category(models.TextChoices):
    """What such work really costs: the spending of 106 extractions of 2017, as their organisation published it."""

    SOCIAL = "social", _("social workers")
    TRAVEL_INSIDE = "travel_inside", _("travel within the country")
    DEPARTURE = "departure", _("visas and departure")
    HOUSING = "housing", _("housing")
    FOOD = "food", _("food")
    MEDICAL = "medical", _("medical help")
    ADVOCACY = "advocacy", _("advocacy")
    STAFF = "staff", _("round-the-clock staff")
    DOCUMENTS = "documents", _("documents")
    OTHER = "other", _("other")


class Expense(OnCase):
    """One payment for one person, never changed: what was wrong is taken back by a row of its own that `reverses` it.

    The database says whether it counts at once or waits for a second person, and when it began to count (`booked_at`, UTC).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for a second person")
        BOOKED = "booked", _("counts")
        DECLINED = "declined", _("not agreed, does not count")

    category = known(MONEY, models.CharField(_("what for"), max_length=14, choices=Category))
    currency = known(MONEY, _currency())
    minor = known(MONEY, models.BigIntegerField(_("amount")))
    paid_on = known(MONEY, models.DateField(_("paid on")))
    funder = known(MONEY, models.ForeignKey(Funder, models.PROTECT, null=True, blank=True, related_name="+"))
    wave = known(MONEY, models.ForeignKey(Wave, models.PROTECT, null=True, blank=True, related_name="+"))
    reverses = known(MONEY, models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="reversals"))
    payee = Sealed(_("to whom"), compartment=MONEY)
    words = Sealed(_("note"), compartment=MONEY)
    state = known(MONEY, models.CharField(max_length=8, choices=State, default=State.WAITING, editable=False))
    booked_at = known(MONEY, models.DateTimeField(null=True, editable=False))
    decided_at = known(MONEY, models.DateTimeField(null=True, editable=False))
    decided_by = known(MONEY, models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", editable=False))

    wall_statements: ClassVar[tuple[str, ...]] = money_rules.EXPENSES

    class Meta(OnCase.Meta):
        constraints = [
            _in_use("expense_currency"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="expense_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("by")), name="nobody_agrees_to_their_own_expense"
            ),
            models.CheckConstraint(
                condition=Q(state="booked", booked_at__isnull=False) | (~Q(state="booked") & Q(booked_at=None)),
                name="expense_counts_from_then",
            ),
            models.UniqueConstraint(fields=["reverses"], condition=~Q(state="declined"), name="taken_back_once"),
        ]
        indexes = [models.Index(fields=["funder", "booked_at"], name="expense_of_funder")]

    @property
    def signed(self) -> int:
        """Minor units with the sign that they are summed with."""
        return -self.minor if self.reverses_id else self.minor


class Receipt(OnCase):
    """A page of a receipt: drawn anew from its pixels, sealed under the case's key."""

    expense = known(MONEY, models.ForeignKey(Expense, models.CASCADE, related_name="receipts"))
    page = known(MONEY, models.PositiveSmallIntegerField(default=1))
    sha256 = known(MONEY, models.BinaryField(help_text="of the re-encoded picture"))
    body = Sealed(compartment=MONEY)


class Report(models.Model):
    """What a funder was told of one quarter, small numbers already left out. Made once, and the same ever after."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    funder = models.ForeignKey(Funder, models.PROTECT, related_name="reports")
    quarter = models.DateField(help_text="its first day")
    figures = models.JSONField()
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)

    wall_rules: ClassVar[dict[str, str]] = money_rules.OF_FUNDER
    wall_statements: ClassVar[tuple[str, ...]] = money_rules.REPORTS

    class Meta:
        default_permissions = ()
        ordering = ["-quarter", "funder__name"]
        constraints = [models.UniqueConstraint(fields=["funder", "quarter"], name="quarter_told_once")]

    def __str__(self) -> str:
        return f"report {self.quarter}"


class Rate(models.Model):
    """A rate that somebody typed in, with its day and its source: so much of `into` for one unit of `currency`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    report = models.ForeignKey(Report, models.CASCADE, related_name="rates")
    currency = _currency()
    into = models.CharField(_("into"), max_length=3)
    units = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)
    stated_on = models.DateField(_("of which day"))
    source = models.CharField(_("source"), max_length=80)
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+", editable=False)

    wall_rules: ClassVar[dict[str, str]] = {
        "SELECT": "EXISTS (SELECT FROM logistics_report r WHERE r.id = report_id)",
        "INSERT": f"by_id = {WHO} AND EXISTS (SELECT FROM logistics_report r WHERE r.id = report_id)",
        "UPDATE": "false",
        "DELETE": "false",
    }

    class Meta:
        default_permissions = ()
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__in=currencies.CODES, into__in=currencies.CODES) & ~Q(currency=F("into")),
                name="rate_currencies",
            ),
            models.CheckConstraint(condition=Q(units__gt=0), name="rate_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"rate {self.currency} {self.into}"
