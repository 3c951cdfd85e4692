"""The door of papers: order one, and make it in a worker. Freeze, render, seal, register."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from relocation.models import Account, Case, Outbox, Paper, PaperSubject
from relocation.models.outbox import done, job, put
from relocation.paperwork import code, dossier, dossier_gathering, house_sheet, manifest, seal
from relocation.paperwork.contents import GATHERED, CannotMake, frozen
from relocation.paperwork.face import unprintable_in
from relocation.paperwork.opening import cases_on
from relocation.safety import access, ledger
from relocation.safety.refusal import Denied

__all__ = ["dossier_gathering", "issue", "make"]


def issue(
    kind: str,
    cases: Sequence[Case],
    recipient: str,
    *,
    by: Account,
    about: UUID | None = None,
    language: str = "en",
    reader: str = "",
) -> Paper:
    """Order a paper about `cases` (filed with the first) for `recipient`; a worker makes it. Raises `Denied`.

    `about` is the application, leg or stay; a new paper of the same kind about it, for the same reader, is the next version.
    """
    with transaction.atomic():
        for case in cases:
            access.require(by, "paper.issue", case.pk)
        first = Case._base_manager.select_for_update(no_key=True).get(pk=cases[0].pk)
        same = {"kind": kind, "about": about, "reader": reader}
        version = Paper.objects.filter(case=first, **same).count() + 1
        order = {"recipient": recipient, "language": language, "people": len(cases), **same}
        paper = Paper(case=first, by=by, version=version, **order)
        paper.save(force_insert=True)
        for case in cases[1:]:
            PaperSubject(case=case, by=by, paper=paper).save(force_insert=True)
        for case in cases:
            ledger.record("paper.ordered", case.pk, by=by, about=paper.pk, detail=kind)
        put("make_paper", by=by, key=str(paper.pk), paper=paper.pk, case=first.pk)
        return paper


@job("make_paper", whole=False, slow=True)
def make(row: Outbox) -> None:
    """Make an ordered paper, once. What it must say and does not is said on its page; the order is not tried again then."""
    with transaction.atomic():
        paper = Paper.objects.filter(pk=row.ids["paper"], state=Paper.State.ORDERED).select_related("case__organisation").first()
        if paper is None:
            raise Denied(UUID(row.ids["case"]), "paper.make", row.originator_id)
        for case_id in cases_on(paper, by=row.originator):
            access.require(row.originator, "paper.issue", case_id)
        try:
            gathered = GATHERED[paper.kind](paper, row.originator)
            _printable(gathered)
        except CannotMake as trouble:
            _failed(paper, str(trouble), row)
            return
    _finish(paper.pk, gathered, _render(paper, gathered), row)


def _printable(gathered: Any) -> None:
    if strange := unprintable_in(gathered):
        raise CannotMake(
            _("These characters cannot be printed: %(characters)s. Write them in another script.")
            % {"characters": " ".join(sorted(strange))}
        )


def _failed(paper: Paper, trouble: str, row: Outbox) -> None:
    paper.state, paper.trouble = Paper.State.FAILED, trouble[:200]
    paper.save(update_fields=["state", "trouble"])
    ledger.record("paper.failed", paper.case_id, by=row.originator, about=paper.pk)
    done(row)


def _render(paper: Paper, gathered: Any) -> bytes:
    """The unsealed PDF; a dossier tells how far it is."""
    if paper.kind == Paper.Kind.DOSSIER:
        return dossier.render(gathered, progress=partial(_tell_progress, paper.pk))
    render = {Paper.Kind.MANIFEST: manifest.render, Paper.Kind.HOUSE_SHEET: house_sheet.render}[Paper.Kind(paper.kind)]
    return bytes(render(gathered))  # type: ignore[operator]


def _tell_progress(paper_id: UUID, part: int, parts: int, sentence: str) -> None:
    with transaction.atomic():
        Paper.objects.filter(pk=paper_id, state=Paper.State.ORDERED).update(part=part, parts=parts)


def _finish(paper_id: UUID, gathered: Any, pdf: bytes, row: Outbox) -> None:
    """Seal what is sent, register it, and supersede the version before; all in the transaction that marks the job done."""
    with transaction.atomic():
        paper = Paper.objects.select_for_update().filter(pk=paper_id, state=Paper.State.ORDERED).first()
        if paper is None:
            return
        paper.content = frozen(gathered)
        if paper.is_sent:
            paper.password, paper.code = seal.new_password(), gathered.code
            paper.code_digest = code_digest(gathered.code)
            pdf = seal.seal(pdf, paper.password.raw.decode())
        else:
            pdf = seal.strip(pdf)
        paper.body, paper.sha256 = pdf, hashlib.sha256(pdf).digest()
        paper.state, paper.part = Paper.State.READY, paper.parts
        paper.save()
        _supersede(paper, row.originator)
        ledger.record("paper.issued", paper.case_id, by=row.originator, about=paper.pk, detail=paper.kind)
        done(row)


def code_digest(written: str) -> bytes:
    """What the register knows a verification code by: SHA-256 of its normal form."""
    return hashlib.sha256(code.normalise(written).encode()).digest()


def _supersede(paper: Paper, by: Account) -> None:
    """Only the newest version stands; one that a post already holds stands until the new one is released to it."""
    from relocation.models import Application

    same = {"case_id": paper.case_id, "kind": paper.kind, "about": paper.about, "reader": paper.reader}
    before = Paper.objects.filter(state=Paper.State.READY, **same).exclude(pk=paper.pk)
    held = Application.objects.filter(case_id=paper.case_id, dossier__in=before).values_list("dossier_id", flat=True)
    for old in before.exclude(pk__in=list(held)):
        old.state = Paper.State.SUPERSEDED
        old.save(update_fields=["state"])
        ledger.record("paper.superseded", old.case_id, by=by, about=old.pk)
