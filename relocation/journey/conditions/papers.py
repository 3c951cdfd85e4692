"""Documents, consents and the application to a post."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from relocation.journey.attempt import Attempt
from relocation.journey.conditions import Link, Met, Unmet, looks_into
from relocation.journey.conditions.referral import record_link
from relocation.journey.facts import Entered, Lodged, VisaGranted
from relocation.models import TRAVEL_DOCUMENTS, Application, ApplicationState, Consent, Document, DocumentKind, Paper, Stage
from relocation.safety.policy import Compartment, Role

PASSPORT_BEYOND = timedelta(days=90)  # Schengen Borders Code, Regulation (EU) 2016/399, Art. 6(1)(a)(ii): three months


# What an application is by the stage at which somebody reaches us; at the others none is on its way.
STATE_AT = {
    Stage.DOCUMENTING: ApplicationState.CHOSEN,
    Stage.APPLYING: ApplicationState.APPLYING,
    Stage.LODGED: ApplicationState.LODGED,
    Stage.GRANTED: ApplicationState.GRANTED,
    Stage.TRAVELLING: ApplicationState.GRANTED,
}
# Who travels may do so without a visa, and who gathers documents may not have chosen yet.
WITHOUT_ONE = (Stage.DOCUMENTING, Stage.TRAVELLING)


def application_entered(attempt: Attempt) -> Met | Unmet:
    """Where a visa is on its way already, its post is named; one that was given has its days."""
    facts = attempt.facts
    state = STATE_AT.get(Stage(facts.stage)) if isinstance(facts, Entered) and facts.stage in Stage.values else None
    if state is None or (facts.checklist is None and facts.stage in WITHOUT_ONE):
        return Met(_("An application that is on its way is entered with its post."))
    if facts.checklist is None:
        return Unmet(_("Name the post and purpose of the application."), by=(Role.COORDINATOR,))
    days = (facts.valid_from, facts.valid_until)
    if state == ApplicationState.GRANTED and (None in days or facts.valid_until < max(facts.valid_from, timezone.localdate())):
        return Unmet(_("Enter from when until when the visa is valid. It must not have ended."), by=(Role.COORDINATOR,))
    return Met(_("An application that is on its way is entered with its post."), (facts.checklist,))


def _documents(attempt: Attempt, label: str) -> Link:
    return Link(label, "desk:documents", (attempt.case.pk,))


@looks_into(Compartment.POST)
def checklist_chosen(attempt: Attempt) -> Met | Unmet:
    """The checklist of a post and a purpose says which documents are needed."""
    chosen = (
        Application.objects.filter(case=attempt.case, state="chosen").first()
        or Application.objects.filter(case=attempt.case).last()
    )
    if chosen:
        return Met(_("A post and its checklist are chosen."), (chosen.pk, chosen.checklist_id))
    return Unmet(
        _("No post and purpose have been chosen yet, so nobody knows which documents are needed."),
        record_link(attempt, _("Choose a post"), "application"),
    )


@looks_into(Compartment.DOCUMENTS)
def documents_verified(attempt: Attempt) -> Met | Unmet:
    """Every document of the checklist has been looked at by somebody and is still valid; travel documents are judged next."""
    wanted = attempt.the_application.checklist.kinds
    today = timezone.localdate()
    verified = Document.objects.filter(case=attempt.case, kind__in=wanted, verified_at__isnull=False).exclude(
        expires_on__lt=today
    )
    missing = [
        DocumentKind(kind).label for kind in wanted if kind not in {d.kind for d in verified} and kind not in TRAVEL_DOCUMENTS
    ]
    if not missing:
        return Met(_("Every required document is verified."), _as_they_are(verified))
    return Unmet(
        _("Not verified or no longer valid: %(documents)s.") % {"documents": ", ".join(map(str, missing))},
        _documents(attempt, _("Open documents")),
    )


def _as_they_are(documents: Iterable[Document]) -> tuple[str, ...]:
    return tuple(sorted(f"{d.pk} {d.verified_at} {d.expires_on}" for d in documents))


@looks_into(Compartment.DOCUMENTS)
def travel_document_accepted(attempt: Attempt) -> Met | Unmet:
    """A travel document that this post accepts, good for three months more, or the reference of its waiver."""
    kinds = [*attempt.the_application.post.accepts, DocumentKind.WAIVER]
    verified = Document.objects.filter(case=attempt.case, kind__in=kinds, verified_at__isnull=False)
    good = [d for d in verified if _lasts(d)]
    if good:
        return Met(_("A travel document that this post accepts is verified."), _as_they_are(good))
    if verified:
        return Unmet(
            _("The travel document expires within three months, or its waiver has. Enter a newer one."),
            _documents(attempt, _("Open documents")),
        )
    return Unmet(_("No travel document that this post accepts has been verified."), _documents(attempt, _("Open documents")))


def _lasts(document: Document) -> bool:
    """Three months more for what is carried; a waiver, which may be open-ended, until its own last day."""
    if document.kind == DocumentKind.WAIVER:
        return document.expires_on is None or document.expires_on >= timezone.localdate()
    return bool(document.expires_on and document.expires_on >= timezone.localdate() + PASSPORT_BEYOND)


@looks_into(Compartment.POST)
def consent_to_share(attempt: Attempt) -> Met | Unmet:
    """Consent for this recipient and these data."""
    post = attempt.the_application.post
    if consent := _shared_with_the_post(attempt):
        return Met(_("The person agreed to share this with %(post)s.") % {"post": post}, (consent.pk, consent.expires_on))
    return Unmet(
        _("The person has not agreed to share name, account and documents with %(post)s.") % {"post": post},
        record_link(attempt, _("Record consent"), "consent"),
    )


def _shared_with_the_post(attempt: Attempt, **wanted: Any) -> Consent | None:
    """A live consent that covers name, account and documents for the application's post."""
    return Consent.to_share(attempt.case.pk, attempt.the_application.post, **wanted)


@looks_into(Compartment.POST)
def guardian_consent(attempt: Attempt) -> Met | Unmet:
    """For a minor: a guardian's consent to share with this post, or a lawyer's opinion where the parent is a pursuer."""
    if not attempt.case.is_minor:
        return Met(_("The person is of age."))
    if given := _shared_with_the_post(attempt, given__in=[Consent.Given.GUARDIAN, Consent.Given.LAWYER]):
        return Met(_("A guardian's consent or a lawyer's opinion is recorded."), (given.pk, given.expires_on))
    return Unmet(
        _(
            "The person is under 18: record a guardian's consent to share with %(post)s, "
            "or a lawyer's opinion where the parent is a pursuer."
        )
        % {"post": attempt.the_application.post},
        record_link(attempt, _("Record consent"), "consent"),
    )


@looks_into(Compartment.POST)
def dossier_released(attempt: Attempt) -> Met | Unmet:
    """The post has the dossier: released to it, and acknowledged there or its receipt recorded here."""
    application = attempt.the_application
    if application.released_at is None:
        return Unmet(
            _("The dossier has not been released to %(post)s.") % {"post": application.post},
            Link(_("Open the dossier"), "desk:papers", (attempt.case.pk,)),
            since=application.at,
        )
    if application.dossier is None or application.dossier.state != Paper.State.READY:
        return Unmet(
            _("The dossier that was released to %(post)s has been taken back.") % {"post": application.post},
            Link(_("Open the dossier"), "desk:papers", (attempt.case.pk,)),
            since=application.released_at,
        )
    receipt = isinstance(attempt.facts, Lodged) and attempt.facts.receipt.strip()
    if application.acknowledged_at or receipt:
        return Met(_("The post has the dossier."), (application.dossier_id, application.released_at))
    return Unmet(
        _("The post has not acknowledged the dossier. Wait for it, or enter its receipt."),
        since=application.released_at,
    )


def decision_with_evidence(attempt: Attempt) -> Met | Unmet:
    """A decision names its evidence; a visa has a length and has not already run out."""
    facts = attempt.facts
    if facts is None or not facts.evidence.strip():
        return Unmet(_("Enter the reference of the decision."))
    if isinstance(facts, VisaGranted) and (facts.valid_until < facts.valid_from or facts.valid_until < timezone.localdate()):
        return Unmet(_("These dates cannot be right: the visa would end before it begins, or has already ended."))
    return Met(_("The decision and its evidence are recorded."))


@looks_into(Compartment.POST)
def visa_ran_out(attempt: Attempt) -> Met | Unmet:
    """A visa lapses only once its last day has passed."""
    last = attempt.the_application.valid_until
    if last and last < timezone.localdate():
        return Met(_("The visa ended on %(day)s.") % {"day": last}, (last,))
    return Unmet(
        _("The visa is still valid until %(day)s.") % {"day": last},
        record_link(attempt, _("Open the applications"), "application"),
    )
