"""Giving a dossier to a post, by two people; and taking a paper back."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import approvals
from relocation.models import Account, Application, Approval, Message, Paper
from relocation.models.outbox import put
from relocation.safety import access, ledger
from relocation.safety.policy import Role
from relocation.safety.refusal import Refusal

RELEASE = "release.dossier"


class NotReleased(Refusal):
    """The dossier stays here, and why."""

    kind = "not_released"


def ask_release(paper: Paper, application: Application, *, by: Account, reason: str, session: str = "") -> Approval:
    """Ask a second person to agree that exactly this file goes to exactly this post. Raises `Denied`, `NotReleased`."""
    access.require(by, "paper.issue", paper.case_id)
    _must_be_ready(paper, application, by)
    rests_on = _rests_on(paper, application)
    return approvals.ask_about(paper.case, RELEASE, rests_on, by=by, reason=reason, about=paper.pk, session=session)


def release(paper: Paper, application: Application, *, by: Account) -> Application:
    """Give the post's officers this one dossier, for 14 days; the version that they held before is superseded and closed."""
    with transaction.atomic():
        access.require(by, "paper.issue", paper.case_id)
        paper = Paper.objects.select_for_update(of=("self",)).select_related("case").get(pk=paper.pk)
        application = Application.objects.select_for_update(of=("self",)).select_related("post").get(pk=application.pk)
        _must_be_ready(paper, application, by)
        if missing := approvals.use_about(paper.case, RELEASE, _rests_on(paper, application), asker=by):
            raise NotReleased(paper.case_id, "release", by.pk, str(missing.sentence))
        _take_back(application, by)
        for officer in application.post.officers.filter(is_active=True):
            access.admit(officer, Role.EMBASSY, paper.case_id, by=by, reason="dossier released", scope=paper.pk)
        application.dossier, application.released_at, application.acknowledged_at = paper, timezone.now(), None
        application.save(update_fields=["dossier", "released_at", "acknowledged_at"])
        Message.objects.filter(application=application).update(dossier=paper)  # the thread goes with the version in force
        ledger.record("dossier.released", paper.case_id, by=by, about=paper.pk, detail=application.post.code)
        put("tell_post", by=by, key=str(paper.pk), paper=paper.pk, case=paper.case_id)
        return application


def state_of(paper: Paper, application: Application, *, asker: Account) -> Any:
    """Whether a second person agreed to this release: `Met`, or `Unmet` saying whom it waits for."""
    return approvals.state(paper.case, RELEASE, _rests_on(paper, application), asker=asker)


def revoke(paper: Paper, *, by: Account, reason: str) -> None:
    """Take a paper back: its code says so from now on, and officers no longer open it."""
    with transaction.atomic():
        access.require(by, "paper.issue", paper.case_id)
        paper = Paper.objects.select_for_update().get(pk=paper.pk)
        _close(paper, Paper.State.REVOKED, by, reason)


def _must_be_ready(paper: Paper, application: Application, by: Account) -> None:
    if paper.state != Paper.State.READY or paper.kind != Paper.Kind.DOSSIER or paper.about != application.pk:
        raise NotReleased(paper.case_id, "release", by.pk, _("Only a finished dossier of this application can be released."))


def _rests_on(paper: Paper, application: Application) -> bytes:
    """The file itself and whom it is for."""
    return bytes(paper.sha256 or b"") + application.pk.bytes


def _take_back(application: Application, by: Account) -> None:
    if application.dossier_id:
        _close(Paper.objects.get(pk=application.dossier_id), Paper.State.SUPERSEDED, by, "")


def _close(paper: Paper, state: Paper.State, by: Account, reason: str) -> None:
    paper.state = state
    paper.save(update_fields=["state"])
    for grant in access.holders(paper.case_id, Role.EMBASSY).filter(scope=paper.pk).select_related("user"):
        access.dismiss(grant.user, Role.EMBASSY, paper.case_id, by=by, scope=paper.pk)
    ledger.record(f"paper.{state}", paper.case_id, by=by, about=paper.pk, reason=reason)
