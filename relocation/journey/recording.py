"""The door for what is written on a case: lock, permit, write, record. Nothing here moves a case."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import looking_after
from relocation.models import (
    Account,
    Application,
    ApplicationState,
    Case,
    Channel,
    Checklist,
    Consent,
    Document,
    DocumentKind,
    Identity,
    LedgerEntry,
    Notice,
    OnCase,
    RiskAssessment,
    SafetyCheck,
    Scan,
    Vehicle,
)  # fmt: skip
from relocation.models.codes import random_letters
from relocation.models.dates import tells_a_minor
from relocation.models.outbox import put
from relocation.safety import access, ledger, vault
from relocation.safety.policy import Compartment, Role
from relocation.safety.refusal import Denied, Refusal
from relocation.safety.walls import compartments

OVER = (ApplicationState.REFUSED, ApplicationState.LAPSED, ApplicationState.DROPPED)

Row = TypeVar("Row", bound=OnCase)
WhenWritten = Callable[[Any, Account], None]
_when_written: dict[type[OnCase], list[WhenWritten]] = {}


def when_written(model: type[OnCase]) -> Callable[[WhenWritten], WhenWritten]:
    """An upper room says what follows once a row of this model is kept; told the row and by whom it was written."""

    def register(act: WhenWritten) -> WhenWritten:
        _when_written.setdefault(model, []).append(act)
        return act

    return register


class NotRecorded(Refusal):
    """What was to be written cannot be true, or not yet; the sentence says why. Nothing has changed."""

    kind = "not_recorded"


def inside(model: type[OnCase]) -> set[Compartment]:
    """The compartments to be written for a row of this model; beside another one the card is only its envelope."""
    found = compartments(model)
    return found - {Compartment.CARD} or found


def may_write(by: Account, model: type[OnCase], case: Case) -> bool:
    """Whether `by` may write rows of this model on the case."""
    return all(access.may(by, f"{compartment}.write", case.pk) for compartment in inside(model))


def write(row: Row, *, by: Account, what: str = "") -> Row:
    """Keep a new row; `what` is a code for the ledger. Raises `Denied`."""
    with transaction.atomic():
        _open(row, by)
        row.by = by
        row.save(force_insert=True)
        if on_card := _on_the_card(row):
            Case._base_manager.filter(pk=row.case_id).update(**on_card)
        _recorded("record", row, by, detail=what)
        if isinstance(row, SafetyCheck):
            looking_after.settle(row, by=by)
        for act in _when_written.get(type(row), ()):
            act(row, by)
        return row


def _on_the_card(row: OnCase) -> dict[str, Any]:
    """What the card of the case says from now on, because of this row."""
    if isinstance(row, RiskAssessment):
        return {"risk": row.level}
    if isinstance(row, Identity) and vault.ask(tells_a_minor, (row, "birth")):
        return {"is_minor": True}
    return {}


def withdraw_consent(consent: Consent, *, by: Account) -> Consent:
    """End a consent today; nothing that rests on it holds from now on, and a worker takes back what a post held by it.

    Raises `Denied`.
    """
    with transaction.atomic():
        consent = _held(consent, by)
        if consent.withdrawn_on is None:
            consent.withdrawn_on = timezone.localdate()
            consent.save(update_fields=["withdrawn_on"])
            _recorded("withdraw", consent, by)
            if consent.post_id:
                _let_officers_out(consent, by)
                put("consent_withdrawn", by=by, key=str(consent.pk), consent=consent.pk, case=consent.case_id)
        return consent


def _let_officers_out(consent: Consent, by: Account) -> None:
    """The post's officers open nothing from now on, unless another consent covers it; the papers follow by themselves."""
    assert consent.post is not None
    if Consent.to_share(consent.case_id, consent.post):
        return
    for grant in access.holders(consent.case_id, Role.EMBASSY).filter(user__post=consent.post).select_related("user"):
        access.dismiss(grant.user, Role.EMBASSY, consent.case_id, by=by, scope=grant.scope)


def end_channel(channel: Channel, *, by: Account) -> Channel:
    """Mark a channel as no longer safe. Raises `Denied`."""
    return _ended(channel, "compromised_at", by)


def end_notice(notice: Notice, *, by: Account) -> Notice:
    """A need or a warning no longer holds: it speaks on no screen from now on. Raises `Denied`."""
    return _ended(notice, "ended_at", by)


def end_vehicle(vehicle: Vehicle, *, by: Account) -> Vehicle:
    """Nobody who looks for the person drives this any more: it is compared with nothing from now on. Raises `Denied`."""
    return _ended(vehicle, "ended_at", by)


def _ended(row: Row, moment: str, by: Account) -> Row:
    """Say since when something no longer holds; a second time says nothing more."""
    with transaction.atomic():
        row = _held(row, by)
        if getattr(row, moment) is None:
            setattr(row, moment, timezone.now())
            row.save(update_fields=[moment])
            _recorded("end", row, by)
        return row


def choose_post(case: Case, checklist: Checklist, *, by: Account) -> Application:
    """Open an application to a post by its checklist, with a random reference. Raises `Denied`, `NotRecorded`."""
    with transaction.atomic():
        application = Application(case=case, by=by, checklist=checklist, post=checklist.post, reference=_new_reference())
        _open(application, by)
        if Application.objects.filter(case=case, post=checklist.post).exclude(state__in=OVER).exists():
            sentence = _("There is already an open application to %(post)s.") % {"post": checklist.post}
            raise NotRecorded(case.pk, "record.application", by.pk, sentence)
        return write(application, by=by)


def add_scan(document: Document, jpeg: bytes, *, by: Account) -> Scan:
    """Add a page that intake has made harmless. A verified document must be looked at again. Raises `Denied`."""
    with transaction.atomic():
        document = _held(document, by)
        page = Scan.objects.filter(document=document).count() + 1
        scan = Scan(case_id=document.case_id, document=document, page=page, sha256=hashlib.sha256(jpeg).digest(), body=jpeg)
        _judged(document, by=None)
        return write(scan, by=by)


def unseen(document: Document, by: Account) -> list[Scan]:
    """Pages that `by` has not opened yet, as the ledger knows."""
    opened = LedgerEntry.objects.filter(case_id=document.case_id, what="read.scan", actor_id=by.pk).values("about")
    return list(Scan.objects.filter(document=document).exclude(pk__in=opened).order_by("page"))


def verify_document(document: Document, *, by: Account) -> Document:
    """Say that the document is what it claims to be, after opening every page. Raises `Denied`, `NotRecorded`."""
    with transaction.atomic():
        document = _held(document, by)
        if obstacle := _not_looked_at(document, by):
            raise NotRecorded(document.case_id, "verify.document", by.pk, obstacle)
        document.refused_because = None
        _judged(document, by=by)
        _recorded("verify", document, by)
        return document


def refuse_document(document: Document, *, by: Account, reason: str) -> Document:
    """Say why a document cannot be used; a better one is added beside it. Raises `Denied`, `NotRecorded`."""
    with transaction.atomic():
        document = _held(document, by)
        if not reason.strip():
            raise NotRecorded(document.case_id, "refuse.document", by.pk, _("Say why it cannot be used."))
        document.refused_because = reason
        _judged(document, by=None)
        _recorded("refuse", document, by)
        return document


def _judged(document: Document, *, by: Account | None) -> None:
    document.verified_at, document.verified_by = (timezone.now(), by) if by else (None, None)
    document.save(update_fields=["verified_at", "verified_by", "refused_because"])


def _not_looked_at(document: Document, by: Account) -> str:
    """Why nobody can verify it yet; a waiver is a reference and needs no page."""
    if not Scan.objects.filter(document=document).exists():
        return "" if document.kind == DocumentKind.WAIVER else _("There is no page to look at yet. Add one first.")
    if pages := unseen(document, by):
        return _("You have not opened page %(page)s yet.") % {"page": pages[0].page}
    return ""


def held(case_id: UUID) -> bool:
    """Lock a case until the transaction ends; False for one that is not there, or not for whoever acts."""
    return Case._base_manager.select_for_update(no_key=True).filter(pk=case_id).first() is not None


def _open(row: OnCase, by: Account) -> None:
    """Lock the case, then ask access."""
    if not held(row.case_id):
        raise Denied(row.case_id, f"record.{row._meta.model_name}", by.pk)
    for compartment in sorted(inside(type(row))):
        access.require(by, f"{compartment}.write", row.case_id)


def _held(row: Row, by: Account) -> Row:
    """The row as it is now, under the case's lock."""
    _open(row, by)
    return type(row)._base_manager.select_for_update().get(pk=row.pk)


def _recorded(verb: str, row: OnCase, by: Account, detail: str = "") -> None:
    ledger.record(f"{verb}.{row._meta.model_name}", row.case_id, by=by, about=row.pk, detail=detail)


def _new_reference() -> str:
    """What a post knows an application by: 8 random letters, nothing of the case."""
    return random_letters(8)
