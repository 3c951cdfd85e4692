"""A dossier as an officer holds it: the paper, the application that it is for, and until when access lasts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from relocation.models import Account, Application, ApplicationState, Case, Message, Paper, Part
from relocation.safety import access
from relocation.safety.refusal import Denied

DECIDED = (ApplicationState.GRANTED, ApplicationState.REFUSED, ApplicationState.LAPSED)


class Turn(models.TextChoices):
    """Whose turn it is with a dossier, or how it ended."""

    NEW = "new", _("new")
    YOURS = "yours", _("waiting on you")
    REGISTERING = "registering", _("being registered")
    OURS = "ours", _("waiting on us")
    GRANTED = "granted", _("visa granted")
    REFUSED = "refused", _("refused")
    LAPSED = "lapsed", _("ran out unused")
    CLOSED = "closed", _("no longer pursued")
    SUPERSEDED = "superseded", _("replaced")
    REVOKED = "revoked", _("withdrawn")


TONES = {Turn.NEW: "is-note", Turn.YOURS: "is-due", Turn.GRANTED: "is-ok", Turn.REVOKED: "is-stop"}


@dataclass(frozen=True)
class Dossier:
    """One released dossier. `ends` (UTC) is when the officer's access ends; `newer` is the paper that replaces this one."""

    paper: Paper
    application: Application | None
    ends: datetime
    newer: UUID | None = None
    waits_for_us: bool = False

    @property
    def id(self) -> UUID:
        return self.paper.pk

    @property
    def case_id(self) -> UUID:
        return self.paper.case_id

    @property
    def reference(self) -> str:
        """What the post knows it by; empty once the application is out of the officer's sight."""
        return self.application.reference if self.application else ""

    @property
    def in_force(self) -> bool:
        return self.turn not in (Turn.SUPERSEDED, Turn.REVOKED, Turn.CLOSED)

    @property
    def may_be_answered(self) -> bool:
        """Whether a question or a decision can be recorded."""
        return self.in_force and self.application is not None and self.application.state == ApplicationState.LODGED

    @property
    def turn(self) -> Turn:
        if self.paper.state == Paper.State.REVOKED:
            return Turn.REVOKED
        if self.application is None or self.newer or self.paper.state != Paper.State.READY:
            return Turn.SUPERSEDED
        if self.application.state in DECIDED:
            return Turn(self.application.state)
        return self._turn_of(self.application)

    def _turn_of(self, application: Application) -> Turn:
        """Whose turn an undecided application is."""
        if application.state == ApplicationState.DROPPED:
            return Turn.CLOSED
        if application.acknowledged_at is None:
            return Turn.NEW
        if application.state != ApplicationState.LODGED:
            return Turn.REGISTERING
        return Turn.OURS if self.waits_for_us else Turn.YOURS

    @property
    def tone(self) -> str:
        return TONES.get(self.turn, "")

    @property
    def sha256(self) -> str:
        return bytes(self.paper.sha256 or b"").hex()

    @property
    def file_name(self) -> str:
        """Says whose file it is to the post and to nobody else."""
        return f"{self.reference}-v{self.paper.version}.pdf"


def held(by: Account) -> list[Dossier]:
    """Every dossier that `by` may open now, in the order in which they came."""
    grants = access.grants(by, "post.own")
    ends = dict(grants.values_list("scope", "expires_at"))
    papers = Paper.objects.filter(pk__in=ends, case__in=grants.values("content_object_id"), kind=Paper.Kind.DOSSIER)
    applications = list(_applications(by, ends))
    return sorted((_dossier(paper, applications, ends[paper.pk]) for paper in papers), key=_received)


def find(paper_id: UUID, *, by: Account) -> Dossier:
    """The dossier as it stands. Raises `Denied` where there is none, or none for `by`."""
    dossier = next((d for d in held(by) if d.id == paper_id), None)
    if dossier is None:
        raise Denied(paper_id, "dossier.open", by.pk)
    return dossier


def version_of(dossier: Dossier, by: Account) -> int:
    """The case's version, for the hidden field that keeps two people from overwriting each other."""
    version: int = Case.objects.visible_to(by, "post.own").values_list("version", flat=True).get(pk=dossier.case_id)
    return version


def _applications(by: Account, papers: Iterable[UUID]) -> QuerySet[Application, Any]:
    """Applications of the officer's own post whose dossier is one of `papers`, with the part of whoever wrote last."""
    last = Message.objects.filter(application=OuterRef("pk")).order_by("-at").values("by__part")[:1]
    own = Application.objects.filter(post=by.post_id, dossier__in=list(papers))
    return own.annotate(last_part=Subquery(last))


def _dossier(paper: Paper, applications: list[Any], ends: datetime) -> Dossier:
    about = (a for a in applications if paper.pk == a.dossier_id or paper.about == a.pk)
    application = next(about, None)
    if application is None:
        return Dossier(paper, None, ends)
    newer = application.dossier_id if application.dossier_id != paper.pk else None
    return Dossier(paper, application, ends, newer, application.last_part == Part.POST)


def _received(dossier: Dossier) -> datetime:
    return (dossier.application and dossier.application.released_at) or dossier.paper.at
