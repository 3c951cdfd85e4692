"""What a step must be told. Forms are made from these, approvals cover them, the ledger seals them."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from relocation.models import Stage

# Choices that are looked up in the case: its verified channels.
CHANNELS = "channels"
# The newest checklist of each post and purpose.
CHECKLISTS = "checklists"


def fact(label: Any, *, default: Any = MISSING, secret: bool = False, long: bool = False, choices: Any = None) -> Any:
    """One thing to be told. `secret` is kept where it belongs and never in the ledger."""
    return field(default=default, metadata={"label": label, "secret": secret, "long": long, "choices": choices})


def in_words(facts: Any) -> str:
    """The facts as lines for the ledger's sealed reason, without secrets and ids."""
    if facts is None:
        return ""
    told = [(f, getattr(facts, f.name)) for f in fields(facts) if not f.metadata["secret"]]
    return "\n".join(
        f"{capfirst(str(f.metadata['label']))}: {_named(f, value)}"
        for f, value in told
        if f.metadata["choices"] == CHANNELS or (value not in ("", None) and not isinstance(value, UUID))
    )


def _named(told: Any, value: Any) -> Any:
    choices = told.metadata["choices"]
    if choices == CHANNELS:
        return _("yes") if value else _("no")
    return dict(choices).get(value, value) if isinstance(choices, list) else value


def kept(facts: Any) -> str:
    """What is not secret of the facts, as JSON, for the second person's word to hold on to; empty where there are none."""
    if facts is None:
        return ""
    return json.dumps({f.name: getattr(facts, f.name) for f in fields(facts) if not f.metadata["secret"]}, default=str)


def told_again(kind: type, text: str, secrets: Mapping[str, Any]) -> Any:
    """The facts that were kept, as they were; what is secret was not, and is told once more."""
    values = json.loads(text or "{}")
    known = {f.name: _read(f.type, values[f.name]) for f in fields(kind) if f.name in values}
    return kind(**known, **{f.name: secrets[f.name] for f in secrets_of(kind) if f.name in secrets})


def secrets_of(kind: type) -> list[Any]:
    """The fields that belong into another compartment than the card."""
    return [f for f in fields(kind) if f.metadata["secret"]]


def _read(kind: Any, value: Any) -> Any:
    if kind in (date, date | None) and value:
        return date.fromisoformat(value)
    return UUID(value) if kind in (UUID, UUID | None) and value else value


ENTRY_STAGES = (
    Stage.ACCEPTED,
    Stage.SHELTERED,
    Stage.DOCUMENTING,
    Stage.APPLYING,
    Stage.LODGED,
    Stage.GRANTED,
    Stage.TRAVELLING,
    Stage.RESETTLED,
)


@dataclass(frozen=True)
class Entered:
    """What is already true when the person reaches us."""

    stage: str = fact(_("where the journey already is"), choices=[(s.value, s.label) for s in ENTRY_STAGES])
    evidence: str = fact(_("evidence"), long=True)
    checklist: UUID | None = fact(_("post and purpose, where an application is on its way"), default=None, choices=CHECKLISTS)
    valid_from: date | None = fact(_("visa valid from, where there is one"), default=None)
    valid_until: date | None = fact(_("visa valid until"), default=None)


@dataclass(frozen=True)
class Declined:
    offered: str = fact(_("what was offered instead"), long=True)


@dataclass(frozen=True)
class Place:
    """Where the person is now."""

    place: str = fact(_("where the person is now"), secret=True)


@dataclass(frozen=True)
class Sheltering:
    """Only for a private place; a held bed speaks for itself."""

    arrived: bool = fact(_("the arrival is confirmed"), default=False)
    private_place: str = fact(_("a private place that is safe, if there is no bed of ours"), default="", secret=True)


@dataclass(frozen=True)
class OneApplication:
    application: UUID = fact(_("application"), choices="applications")


@dataclass(frozen=True)
class Lodged(OneApplication):
    receipt: str = fact(_("the post's receipt, where it has not acknowledged in Harbour"), default="", secret=True)


@dataclass(frozen=True)
class VisaGranted(OneApplication):
    valid_from: date = fact(_("valid from"))
    valid_until: date = fact(_("valid until"))
    evidence: str = fact(_("reference of the decision"))
    entries: int = fact(_("entries"), default=1)
    long_stay: bool = fact(_("a long-stay visa, beyond 90 days"), default=False)


@dataclass(frozen=True)
class VisaRefused(OneApplication):
    evidence: str = fact(_("reference of the decision"))
    reasons: str = fact(_("reasons given"), long=True)
    appeal_by: date = fact(_("appeal possible until"))


@dataclass(frozen=True)
class MoreAsked(OneApplication):
    asked: str = fact(_("what more is asked"), long=True)
    answer_by: date = fact(_("answer by"))


@dataclass(frozen=True)
class Departing:
    visa_free: str = fact(_("why no visa is needed, if none is"), default="")


@dataclass(frozen=True)
class TurnedBack:
    where: str = fact(_("where"), secret=True)
    by_whom: str = fact(_("by whom"))
    tonight: str = fact(_("a place for tonight"), secret=True)
    taken: str = fact(_("what was taken"), default="")


@dataclass(frozen=True)
class Arrived:
    codeword: str = fact(_("the codeword that the person gave"), secret=True)


@dataclass(frozen=True)
class OverChannel:
    """Said by the person over one of the case's verified channels; without one it may be forced."""

    channel: UUID | None = fact(_("said over a verified channel"), default=None, choices=CHANNELS)


@dataclass(frozen=True)
class WentHome(OverChannel):
    forced: bool = fact(_("by force"), default=False)


@dataclass(frozen=True)
class Closing:
    handed_to: str = fact(_("handed over to, if another organisation goes on"), default="")


@dataclass(frozen=True)
class OnHold:
    review_on: date = fact(_("look again on"))


@dataclass(frozen=True)
class FoundAgain:
    codeword: str = fact(_("the codeword that the person gave"), secret=True)


@dataclass(frozen=True)
class MadeSafe:
    place_or_channel: str = fact(_("the new place or channel"), secret=True)
    consent_ended: bool = fact(_("consent has ended: withdrawn instead of active"), default=False)


@dataclass(frozen=True)
class SetFree:
    asked: str = fact(_("what they were asked"), long=True, secret=True)
    signed: str = fact(_("what they signed"), default="", secret=True)
    taken: str = fact(_("what was taken"), default="", secret=True)


@dataclass(frozen=True)
class Withdrawal(OverChannel):
    """What the person says when they no longer want to go."""
