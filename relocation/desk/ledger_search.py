"""Entries of the ledger as an auditor asks for them: newest first, without the reasons."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.history import names_in, sentence
from relocation.desk.ledger_words import KINDS
from relocation.models import Account, LedgerEntry

PAGE = 20


class LedgerForm(forms.Form):
    """What is looked for; everything is optional."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        required=False,
        choices=[("", gettext_lazy("Everything")), *((code, label) for code, (label, _codes) in KINDS.items())],
    )
    account = forms.CharField(label=gettext_lazy("Account, by the name it signs in with"), required=False, max_length=150)
    chain = forms.UUIDField(label=gettext_lazy("Chain"), required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def clean_account(self) -> Account | None:
        username = self.cleaned_data["account"].replace("\0", "").strip()
        found = Account.objects.filter(username=username).first() if username else None
        if username and found is None:
            raise forms.ValidationError(_("There is no account of this name. Check how it is written."))
        return found

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told.get("since") and told.get("until") and told["since"] > told["until"]:
            self.add_error("until", _("This day is before the first one. Choose a later one."))
        return told


def wanted(told: dict[str, Any]) -> QuerySet[LedgerEntry]:
    """The entries that fit the form's answers, newest first; of a reason it is only known that there is one."""
    given = ExpressionWrapper(Q(reason__isnull=False), output_field=BooleanField())
    found = LedgerEntry.objects.defer("reason").annotate(reasoned=given).order_by("-at", "-id")
    if told.get("kind"):
        found = found.filter(_begins(KINDS[told["kind"]][1]))
    if told.get("account"):
        found = found.filter(actor_id=told["account"].pk)
    if told.get("chain"):
        found = found.filter(case_id=told["chain"])
    if told.get("since"):
        found = found.filter(at__gte=_midnight(told["since"]))
    if told.get("until"):
        found = found.filter(at__lt=_midnight(told["until"]) + timedelta(days=1))
    return found


def _begins(codes: tuple[str, ...]) -> Q:
    fits = Q()
    for code in codes:
        fits |= Q(what__startswith=code)
    return fits


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def page_of(found: QuerySet[LedgerEntry], before: str) -> tuple[list[LedgerEntry], str]:
    """A page of entries after the key `before`, and the key of the next page; empty where this is the last."""
    if key := _key(before):
        at, pk = key
        found = found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    page = list(found[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    return page[:PAGE], f"{last.at.isoformat()}_{last.pk}" if last else ""


def _key(before: str) -> tuple[datetime, UUID] | None:
    at, _underscore, pk = before.partition("_")
    try:
        when = datetime.fromisoformat(at)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)), UUID(pk)
    except ValueError:
        return None


@dataclass(frozen=True)
class Told:
    """One entry in words. The chain is a number that leads to no case."""

    entry: LedgerEntry
    sentence: str
    who: str
    reasoned: bool
    emergency: bool

    @property
    def chain(self) -> str:
        return str(self.entry.case_id)[:8]


def in_words(entries: list[LedgerEntry]) -> list[Told]:
    """Entries as sentences."""
    names = names_in(entries)
    return [_told(entry, names) for entry in entries]


def _told(entry: LedgerEntry, names: dict[UUID | None, str]) -> Told:
    reasoned: bool = entry.reasoned  # type: ignore[attr-defined]  # annotated by `wanted`
    who = names.get(entry.actor_id, _("Nobody who is known"))
    return Told(entry, sentence(entry, names), who, reasoned, entry.detail == "emergency")
