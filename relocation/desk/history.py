"""The history of a case in words: codes of the ledger become sentences, ids become names."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from relocation.desk.account_words import ACCOUNT
from relocation.desk.danger_words import DANGER, REVIEWED
from relocation.desk.elsewhere_words import ELSEWHERE
from relocation.desk.history_words import FAMILIES, HEARD, NOT_POSSIBLE, THINGS, TRIED, UNNAMED
from relocation.desk.ledger_words import page
from relocation.journey.silence import unsaid
from relocation.journey.step import STEPS
from relocation.models import Account, Alarm, Case, Deadline, LedgerEntry, Part
from relocation.safety.policy import Role
from relocation.safety.retention import KINDS

SHOWN = 30  # lines
HARBOUR = "Harbour"  # who acts where nobody does: a sweep
LOOKED_AT = 120  # entries
LOOKS = ("view.", "export.", "read.", "reveal.", "denied.", "grant.")  # what the page about access shows

SENTENCES: dict[str, Any] = (
    {
        "case.referred": gettext_lazy("Referred"),
        "case.house_for": gettext_lazy("Asked which houses suit the person"),
        "case.assigned": gettext_lazy("%(about)s leads the case"),
        "grant.given": gettext_lazy("%(about)s was let in: %(role)s"),
        "grant.ended": gettext_lazy("%(about)s was let go: %(role)s"),
        "grant.kept": gettext_lazy("%(about)s keeps access, after a review: %(role)s"),
        "bar.noted": gettext_lazy("Somebody may not come to this case"),
        "bar.lifted": gettext_lazy("Somebody may come to this case again"),
        "transfer.offered": gettext_lazy("The case was offered to %(about)s"),
        "transfer.accepted": gettext_lazy("Another organisation took the case over"),
        "transfer.declined": gettext_lazy("The case was not taken over"),
        "transfer.revoked": gettext_lazy("The offer of the case was taken back"),
        "approval.asked": gettext_lazy("Second person asked for: %(what)s"),
        "approval.reminded": gettext_lazy("%(about)s was reminded to answer"),
        "approval.given": gettext_lazy("Second person agreed: %(what)s"),
        "approval.declined": gettext_lazy("Second person did not agree: %(what)s"),
        "deadline.done": gettext_lazy("Settled: %(deadline)s"),
        "alarm.raised": gettext_lazy("Alarm: %(alarm)s"),
        "alarm.added": gettext_lazy("Said once more by whoever raised the alarm"),
        "alarm.all_is_well": gettext_lazy("Whoever raised the alarm says that all is well"),
        "alarm.heard_again": gettext_lazy("Heard by whoever is on call now: %(alarm)s"),
        "check_in": gettext_lazy("Check-in"),
        "household.joined": gettext_lazy("Joined the household"),
        "household.left": gettext_lazy("Left the household"),
        "wave.joined": gettext_lazy("Joined a wave"),
        "wave.left": gettext_lazy("Left a wave"),
        "wave.begun": gettext_lazy("A wave began"),
        "wave.changed": gettext_lazy("A wave was changed"),
        "wave.step": gettext_lazy("A step was asked for a whole wave"),
        "wave.closed": gettext_lazy("A wave was closed"),
        "wave.budget": gettext_lazy("The budget of a wave was set"),
        "budget.set": gettext_lazy("The budget was set"),
        "expense.entered": gettext_lazy("An expense was entered"),
        "expense.booked": gettext_lazy("A second person agreed to an expense"),
        "expense.declined": gettext_lazy("A second person did not agree to an expense"),
        "ledger.verified": gettext_lazy("The ledger was verified, and holds"),
        "ledger.broken": gettext_lazy("The ledger was verified, and does not hold"),
        "anchor.made": gettext_lazy("An anchor was made"),
        "read.together": gettext_lazy("Sealed fields were compared or put into a paper"),
        "stay.held": gettext_lazy("A bed was held"),
        "stay.confirmed": gettext_lazy("A bed was confirmed"),
        "stay.arrived": gettext_lazy("Arrived at the house"),
        "stay.not_here": gettext_lazy("Did not come to the house"),
        "stay.left": gettext_lazy("Left the house"),
        "stay.released": gettext_lazy("A bed was given back"),
        "stay.moved": gettext_lazy("Moved to another bed"),
        "stay.extended": gettext_lazy("The day of leaving changed"),
        "stay.greeting": gettext_lazy("Words for the door were agreed"),
        "passage.planned": gettext_lazy("A passage was planned"),
        "passage.confirmed": gettext_lazy("A passage was confirmed"),
        "passage.cancelled": gettext_lazy("A passage was cancelled"),
        "passage.done": gettext_lazy("A passage has ended"),
        "seat.taken": gettext_lazy("A seat was taken"),
        "seat.given_up": gettext_lazy("A seat was given up"),
        "seat.waiting": gettext_lazy("Not yet met by the escort"),
        "seat.ticketed": gettext_lazy("A seat was ticketed"),
        "seat.held": gettext_lazy("It was noted until when a carrier holds a seat"),
        "seat.ran_out": gettext_lazy("A seat was given back, since the carrier no longer holds it"),
        "seat.switched": gettext_lazy("The person goes by the leg that stood ready"),
        "alternate.ready": gettext_lazy("Another leg stands ready"),
        "alternate.withdrawn": gettext_lazy("A leg no longer stands ready"),
        "leg.changed": gettext_lazy("A leg changed"),
        "seat.met": gettext_lazy("Met by the escort"),
        "seat.handed_over": gettext_lazy("Handed over by the escort"),
        "seat.missed": gettext_lazy("Did not come to the meeting point"),
        "paper.ordered": gettext_lazy("A paper was ordered"),
        "paper.issued": gettext_lazy("A paper was made"),
        "paper.ready": gettext_lazy("A paper was made"),
        "paper.failed": gettext_lazy("A paper could not be made"),
        "paper.superseded": gettext_lazy("A paper was superseded"),
        "paper.revoked": gettext_lazy("A paper was revoked"),
        "dossier.opened": gettext_lazy("The post has opened the dossier"),
        "dossier.released": gettext_lazy("The dossier was released to the post"),
        "case.erased": gettext_lazy("Erased"),
        "retention.warned": gettext_lazy("The time to keep this runs out: %(kept)s"),
        "retention.kept": gettext_lazy("Kept longer: %(kept)s"),
        "retention.gone": gettext_lazy("Gone, since the time to keep it ran out: %(kept)s"),
        "dossier.acknowledged": gettext_lazy("The post has acknowledged the dossier"),
    }
    | ACCOUNT
    | DANGER
    | ELSEWHERE
)
QUESTIONS: dict[str, Any] = {
    "reveal.location": gettext_lazy("Look at where the person is"),
    "release.dossier": gettext_lazy("Release the dossier to the post"),
    "erase.demand": gettext_lazy("Erase the case, since the person asks for it"),
    "erase.over": gettext_lazy("Erase the case, since it is over"),
    "keep.longer": gettext_lazy("Keep something once more beyond its time"),
    "expense.book": gettext_lazy("Pay an amount above the limit"),
}
CONDITIONS: dict[str, Any] = {
    "duplicates_seen": gettext_lazy("somebody looks for duplicates"),
    "corroborated": gettext_lazy("a verifier supports the account"),
    "risk_assessed": gettext_lazy("risk is assessed"),
    "passage_planned": gettext_lazy("a passage is planned"),
    "check_in_plan": gettext_lazy("check-ins are planned"),
    "alarm_contacts": gettext_lazy("alarm contacts are named"),
    "bed_held": gettext_lazy("a bed is held"),
    "arrival_confirmed": gettext_lazy("the arrival is confirmed"),
    "visa_or_none_needed": gettext_lazy("a visa, or none is needed"),
    "legs_ticketed": gettext_lazy("every leg has its ticket"),
    "documents_in_time": gettext_lazy("the documents hold on the days of the borders"),
    "border_checked": gettext_lazy("debts and the wanted list are looked at"),
    "manifest_issued": gettext_lazy("the carrier has its manifest"),
    "application": gettext_lazy("an application to a post"),
    "checklist_chosen": gettext_lazy("a post and its checklist are chosen"),
    "documents_verified": gettext_lazy("every required document is verified"),
    "travel_document_accepted": gettext_lazy("a travel document that the post accepts"),
    "consent_to_share": gettext_lazy("consent to share with the post"),
    "guardian_consent": gettext_lazy("for somebody under 18, a guardian's consent"),
    "dossier_released": gettext_lazy("the post has the dossier"),
    "visa_ran_out": gettext_lazy("the visa has run out"),
    "consent_to_contact": gettext_lazy("consent to be contacted"),
    "new_consent": gettext_lazy("a new consent"),
    "no_conflict_of_kin": gettext_lazy("nobody on the case is close to a pursuer"),
    "decision_with_evidence": gettext_lazy("a decision with its evidence"),
    "word_given": gettext_lazy("the word that was agreed"),
    "by_choice_or_by_force": gettext_lazy("whether the return is by choice"),
    "place_or_channel_recorded": gettext_lazy("a place or a way to reach the person"),
    "channel_holds": gettext_lazy("the verified way that was named still holds"),
    "application_entered": gettext_lazy("the application that the case is on its way for"),
    "may_be_closed": gettext_lazy("nothing is open any more"),
}


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    sentence: str
    who: str
    at: datetime
    emergency: bool
    times: int = 1


def history(case: Case, by: Account, *, access_only: bool = False) -> list[Line]:
    """The newest entries: what was done, or who looked and was let in; a duress word given to `by` leaves no trace."""
    entries = LedgerEntry.objects.filter(case_id=case.pk).exclude(unsaid(case, by)).defer("reason").order_by("-seq")
    entries = _looks(entries, by) if access_only else entries.exclude(what__regex=r"^(read|view)\.")
    newest = list(entries[:LOOKED_AT])
    names = names_in(newest)
    return _folded(_line(entry, names) for entry in newest)[:SHOWN]


def _folded(lines: Iterable[Line]) -> list[Line]:
    """What one person did again and again stands once, with the newest time and how often."""
    runs = (list(run) for _same, run in groupby(lines, key=lambda line: (line.sentence, line.who, line.emergency)))
    return [replace(run[0], times=len(run)) for run in runs]


def _looks(entries: Any, by: Account) -> Any:
    """Whoever asks knows which pages they opened themselves; those would hide the others'."""
    others = entries.exclude(what__startswith="view.", actor_id=by.pk)
    return others.filter(what__regex=f"^({'|'.join(LOOKS)})".replace(".", r"\."))


def names_in(entries: Iterable[LedgerEntry]) -> dict[UUID | None, str]:
    """The accounts that entries name, by id; who is helped has none."""
    ids = {entry.actor_id for entry in entries} | {entry.about for entry in entries}
    found = Account.objects.filter(pk__in=[pk for pk in ids if pk])
    return {account.pk: HARBOUR if account.part == Part.SYSTEM else str(account) for account in found}


def _line(entry: LedgerEntry, names: dict[UUID | None, str]) -> Line:
    return Line(sentence(entry, names), names.get(entry.actor_id, ""), entry.at, entry.detail == "emergency")


def sentence(entry: LedgerEntry, names: dict[UUID | None, str]) -> str:
    """What an entry says."""
    family, _dot, rest = entry.what.partition(".")
    if family == "step":
        return question(entry.what)
    words = {
        "about": names.get(entry.about, _("Somebody")),
        "role": _role(entry.detail),
        "what": question(entry.detail),
        "deadline": _deadline(entry.detail),
        "alarm": Alarm.Kind(entry.detail).label if entry.detail in Alarm.Kind.values else "",
        "kept": KINDS[entry.detail].label if entry.detail in KINDS else "",
        "page": page(rest),
        "rest": question(rest) if rest.startswith("step.") else _thing(rest),
    }
    heard = HEARD.get(entry.detail, "") if entry.what == "check_in" else ""
    return str(pattern_of(entry.what)) % words + str(heard)


def pattern_of(what: str) -> Any:
    """The sentence for a code of the ledger, still with its places open."""
    family, _dot, _rest = what.partition(".")
    pattern = SENTENCES.get(what) or FAMILIES.get(family)
    return pattern or (NOT_POSSIBLE if family in TRIED else UNNAMED)


def question(what: str) -> str:
    """What a second person is asked for, or which step was taken."""
    step = STEPS.get(what.removeprefix("step."))
    return str(step.label if step else QUESTIONS.get(what) or UNNAMED)


def condition(name: str) -> str:
    """What a condition is about."""
    return capfirst(str(CONDITIONS.get(name) or UNNAMED))


def _role(code: str) -> str:
    return str(Role(code).label) if code in Role.values else code


def deadline(due: Deadline) -> str:
    """What a deadline is about."""
    return _deadline(f"{due.kind} {due.what}")


def _deadline(code: str) -> str:
    kind, _space, what = code.partition(" ")
    words = capfirst(str(Deadline.Kind(kind).label)) if kind in Deadline.Kind.values else code
    if kind == Deadline.Kind.ALARM and what in Alarm.Kind.values:
        return f"{words}: {Alarm.Kind(what).label}"
    about = STEPS[what].label if what in STEPS else CONDITIONS.get(what) or REVIEWED.get(what)
    return f"{words}: {about}" if about else words


def _thing(code: str) -> str:
    """The words for `model`, `model.field`, or something else that was tried."""
    name, _dot, field = code.partition(".")
    label = _label(name, field)
    return str(label or THINGS.get(name) or _("something else"))


def _label(name: str, field: str) -> Any:
    """The field's own words, where the model gave it any."""
    model = next((m for m in apps.get_models() if m._meta.model_name == name), None)
    labels = {f.name: f.verbose_name for f in model._meta.fields} if model else {}
    return labels[field] if isinstance(labels.get(field), Promise) else None
