"""Giving a dossier to a post, by two people; and taking a paper back."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey import approvals
from relocation.journey.silence import shown_standing
from relocation.models import Account, Application, ApplicationState, Approval, Case, Consent, Message, Outbox, Paper, Standing
from relocation.models.outbox import job, put
from relocation.safety import access, ledger
from relocation.safety.policy import POLICY, Role
from relocation.safety.refusal import Busy, Denied, Refusal

RELEASE = "release.dossier"
RELEASING = ("paper.issue", f"admit.{Role.EMBASSY}")  # whoever releases lets the officers in
OPEN = (ApplicationState.APPLYING, ApplicationState.LODGED)


class NotReleased(Refusal):
    """The dossier stays here, and why."""

    kind = "not_released"


def may_release(by: Account, case_id: UUID) -> bool:
    """Whether this account may ask for a release and carry it out."""
    return all(access.may(by, capability, case_id) for capability in RELEASING)


def ask_release(paper: Paper, application: Application, *, by: Account, reason: str, session: str = "") -> Approval:
    """Ask a second person to agree that exactly this file goes to exactly this post. Raises `Denied`, `NotReleased`."""
    with transaction.atomic():
        paper, application = _locked(paper, application, by)
        rests_on = _rests_on(paper, application, _must_be_possible(paper, application, by))
        return approvals.ask_about(paper.case, RELEASE, rests_on, by=by, reason=reason, about=paper.pk, session=session)


def release(paper: Paper, application: Application, *, by: Account) -> Application:
    """Give the post's officers this one dossier, for 14 days; once more for 14 days where they hold it already. Never beyond
    the last day of the consent.

    The version that they held before is superseded and closed. Raises `Denied`, `NotReleased`, `Busy`.
    """
    with transaction.atomic():
        paper, application = _locked(paper, application, by)
        consent = _must_be_possible(paper, application, by)
        rests_on = _rests_on(paper, application, consent)
        if paper.case.standing != Standing.ACTIVE:  # and shown as active: a duress word was given in silence
            raise Busy(paper.case_id, "release", by.pk)
        if missing := approvals.use_about(paper.case, RELEASE, rests_on, asker=by, about=paper.pk):
            raise NotReleased(paper.case_id, "release", by.pk, str(missing.sentence))
        if application.dossier_id != paper.pk:
            _take_back(application, by)
            application.acknowledged_at = None  # the post has not seen this one
        _let_officers_in(paper, application, consent, by)
        application.dossier, application.released_at = paper, timezone.now()
        application.save(update_fields=["dossier", "released_at", "acknowledged_at"])
        Message.objects.filter(application=application).update(dossier=paper)  # the thread goes with the version in force
        ledger.record("dossier.released", paper.case_id, by=by, about=paper.pk, detail=application.post.code)
        put("tell_post", by=by, key=f"{paper.pk}:{application.released_at.timestamp()}", paper=paper.pk, case=paper.case_id)
        return application


def state_of(paper: Paper, application: Application, *, asker: Account) -> Any:
    """Whether a second person agreed to this release: `Met`, or `Unmet` saying whom it waits for.

    Raises `NotReleased` where nobody could agree, since it is not possible now.
    """
    rests_on = _rests_on(paper, application, _must_be_possible(paper, application, asker))
    return approvals.state(paper.case, RELEASE, rests_on, asker=asker, about=paper.pk)


def revoke(paper: Paper, *, by: Account, reason: str) -> None:
    """Take a paper back: its code says so from now on, and officers no longer open it."""
    with transaction.atomic():
        access.require(by, "paper.issue", paper.case_id)
        paper = Paper.objects.select_for_update().get(pk=paper.pk)
        _close(paper, Paper.State.REVOKED, by, reason)


@job("consent_withdrawn")
def take_back_what_was_shared(row: Outbox) -> None:
    """Revoke what a post held by a consent that was withdrawn, unless another one covers it; what is being made, too."""
    case_id, by = UUID(row.ids["case"]), row.originator
    access.require(by, "paper.issue", case_id)
    Case.objects.visible_to(by, "paper.issue").select_for_update(no_key=True).get(pk=case_id)
    consent = Consent.objects.select_related("post").get(pk=row.ids["consent"], case=case_id)
    assert consent.post is not None  # the job is put for consents to share, and these name a post
    if Consent.to_share(case_id, consent.post):
        return
    applications = Application.objects.filter(case=case_id, post=consent.post).values("pk")
    papers = Paper.objects.select_for_update().filter(case=case_id, kind=Paper.Kind.DOSSIER, about__in=applications)
    for paper in papers.filter(state__in=[Paper.State.ORDERED, Paper.State.READY]):
        _close(paper, Paper.State.REVOKED, by, "consent withdrawn")


def _locked(paper: Paper, application: Application, by: Account) -> tuple[Paper, Application]:
    """Both as they are now, under the case's lock. Raises `Denied` for whoever may not release."""
    case = Case.objects.visible_to(by, "paper.issue").select_for_update(no_key=True).filter(pk=paper.case_id).first()
    if case is None or not may_release(by, paper.case_id):
        raise Denied(paper.case_id, "release", by.pk)
    paper = Paper.objects.select_for_update().get(pk=paper.pk)
    paper.case = case
    return paper, Application.objects.select_for_update(of=("self",)).select_related("post").get(pk=application.pk)


def _must_be_possible(paper: Paper, application: Application, by: Account) -> Consent:
    """The consent by which the post may read it. Raises `NotReleased`."""
    consent = Consent.to_share(paper.case_id, application.post)
    obstacle = _obstacle(paper, application, by)
    if consent is None or obstacle:
        no_consent = _("The person has not agreed to share name, account and documents with the post.")
        raise NotReleased(paper.case_id, "release", by.pk, obstacle or no_consent)
    return consent


def _obstacle(paper: Paper, application: Application, by: Account) -> str:
    """Why this cannot go to the post now, as `by` may see it; empty where it can."""
    if paper.state != Paper.State.READY or paper.kind != Paper.Kind.DOSSIER or paper.about != application.pk:
        return _("Only a finished dossier of this application can be released.")
    if application.state not in OPEN:
        return _("The application is: %(state)s. A dossier is released while it is prepared or lodged.") % {
            "state": ApplicationState(application.state).label
        }
    if (standing := shown_standing(paper.case, by)) != Standing.ACTIVE:
        return _("The way is not open: %(standing)s.") % {"standing": standing.label}
    return ""


def _rests_on(paper: Paper, application: Application, consent: Consent) -> bytes:
    """The file itself, whom it is for, and by which consent."""
    return bytes(paper.sha256 or b"") + application.pk.bytes + consent.pk.bytes


def _let_officers_in(paper: Paper, application: Application, consent: Consent, by: Account) -> None:
    """Each of the post's officers, for the term of their role from now on, and not beyond the consent's last day."""
    _let_officers_out(paper, by)
    for officer in application.post.officers.filter(is_active=True):
        access.admit(
            officer, Role.EMBASSY, paper.case_id, by=by, reason="dossier released", until=_until(consent), scope=paper.pk
        )


def _until(consent: Consent) -> datetime:
    """Until when (UTC) an officer reads by this consent."""
    term = POLICY.ends[Role.EMBASSY]
    assert term is not None
    day_after = consent.expires_on + timedelta(days=1)
    return min(timezone.now() + term, datetime.combine(day_after, time.min, tzinfo=timezone.get_current_timezone()))


def _let_officers_out(paper: Paper, by: Account) -> None:
    for grant in access.holders(paper.case_id, Role.EMBASSY).filter(scope=paper.pk).select_related("user"):
        access.dismiss(grant.user, Role.EMBASSY, paper.case_id, by=by, scope=paper.pk)


def _take_back(application: Application, by: Account) -> None:
    """Supersede the version that the post held; one that was revoked stays so."""
    held = application.dossier
    if held is not None and held.state == Paper.State.READY:
        _close(held, Paper.State.SUPERSEDED, by, "")


def _close(paper: Paper, state: Paper.State, by: Account, reason: str) -> None:
    paper.state = state
    paper.save(update_fields=["state"])
    _let_officers_out(paper, by)
    ledger.record(f"paper.{state}", paper.case_id, by=by, about=paper.pk, reason=reason)
