"""The door of the embassy desk: what was released to an officer, and what the officer answers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from relocation.embassy.held import Dossier, find
from relocation.embassy.refusals import Closed
from relocation.journey import wrong
from relocation.journey.advance import Moved, advance
from relocation.journey.facts import MoreAsked, VisaGranted, VisaRefused
from relocation.models import Account, Application, Case, Message, Paper
from relocation.models.outbox import put
from relocation.paperwork.links import KINDS, File, Kind
from relocation.safety import access, ledger, vault
from relocation.safety.refusal import Denied


def open_dossier(paper_id: UUID, by: Account) -> Dossier:
    """The dossier, and an entry in the ledger. Raises `Denied` for a stranger, `Closed` where `by` held it once."""
    dossier = find(paper_id, by=by)
    ledger.record("dossier.opened", dossier.case_id, by=by, about=dossier.id)
    return dossier


def _read_file(paper_id: UUID, by: Account) -> File:
    dossier = find(paper_id, by=by)
    body = vault.reveal_own_bytes(dossier.paper, "body", scope=dossier.id, by=by)
    return File(body, "application/pdf", dossier.file_name, dossier.case_id)


def _version(paper_id: UUID, by: Account) -> bytes:
    return bytes(find(paper_id, by=by).paper.sha256 or b"")


def _address(paper_id: UUID, by: Account) -> str:
    return reverse("embassy:file", args=[find(paper_id, by=by).id])


KINDS.add("dossier", Kind("embassy.file", _version, _read_file, _address))


def decision(dossier: Dossier, by: Account) -> str:
    """Reference and grounds as the post gave them; empty where nothing was decided."""
    if dossier.application.decided_on is None:
        return ""
    return vault.reveal_own(dossier.application, "decision", scope=dossier.id, by=by)


def acknowledge(dossier: Dossier, by: Account) -> bool:
    """Say that the post has the dossier; the lead hears of it. False where the post had already said so."""
    with transaction.atomic():
        application = _lock(dossier, by)
        if application.acknowledged_at:
            return False
        application.acknowledged_at = timezone.now()
        application.save(update_fields=["acknowledged_at"])
        ledger.record("dossier.acknowledged", dossier.case_id, by=by, about=dossier.id)
        released = application.released_at.timestamp() if application.released_at else ""
        put("tell_lead", by=by, key=f"post_answered:{dossier.id}:{released}", case=dossier.case_id, what="post_answered")
        return True


def ask_more(dossier: Dossier, *, asked: str, answer_by: date, version: int, by: Account) -> Moved:
    """Ask for more first; `version` is the case's, as the form held it. Raises as `advance` and `open_dossier` do."""
    with transaction.atomic():
        application = _lock(dossier, by)
        facts = MoreAsked(application=application.pk, asked=asked, answer_by=answer_by)
        moved = advance(dossier.case_id, "defer", by=by, version=version, facts=facts)
        words = _("%(asked)s\n\nPlease answer by %(day)s.") % {"asked": asked, "day": date_format(answer_by)}
        question = Message(case_id=dossier.case_id, by=by, application=application, dossier=dossier.paper, words=words)
        question.save(force_insert=True)
        return moved


def decide(dossier: Dossier, facts: VisaGranted | VisaRefused, *, version: int, by: Account) -> Moved:
    """Record the post's decision. Raises as `advance` and `open_dossier` do."""
    with transaction.atomic():
        if facts.application != _lock(dossier, by).pk:
            raise Denied(dossier.case_id, "dossier.decide", by.pk)
        step = "grant" if isinstance(facts, VisaGranted) else "refuse"
        return advance(dossier.case_id, step, by=by, version=version, facts=facts)


def something_is_wrong(dossier: Dossier, words: str, *, held: bool, by: Account) -> bool:
    """The post knows of a danger: the people on call are told; False where it adds to what it said before. Raises `Denied`."""
    return wrong.something_is_wrong(_near(dossier), words, by=by, held=held)


def all_is_well(dossier: Dossier, *, by: Account) -> None:
    """The post takes its alarm back. Raises `Denied`."""
    wrong.all_is_well(_near(dossier), by=by)


def _near(dossier: Dossier) -> wrong.Near:
    return wrong.Near("post.own", dossier.case_id, dossier.id)


def _lock(dossier: Dossier, by: Account) -> Application:
    """The application, under its case's lock, while this dossier is the one that counts; access is asked after the lock."""
    Case.objects.visible_to(by, "post.own").select_for_update(no_key=True).filter(pk=dossier.case_id).first()
    access.require(by, "post.own", dossier.case_id, scope=dossier.id)
    in_force = Application.objects.select_for_update(of=("self",)).filter(case=dossier.case_id, post=by.post_id)
    application = in_force.filter(dossier=dossier.id, dossier__state=Paper.State.READY).first()
    if application is None:
        raise Closed(dossier.case_id, by.pk)
    return application
