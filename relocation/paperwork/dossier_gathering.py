"""Gathers a dossier: bio data as the travel document has them, kinds of corroboration, verified copies, consent."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from relocation.models import (
    TRAVEL_DOCUMENTS,
    Account,
    Application,
    Case,
    Claim,
    Consent,
    Corroboration,
    Document,
    DocumentKind,
    LedgerEntry,
    Organisation,
    Paper,
    Scan,
    Stage,
)  # fmt: skip
from relocation.paperwork import code, dossier_content, page
from relocation.paperwork.contents import CannotMake, content
from relocation.safety import vault

BIO = ("surname", "given_names", "native_name", "birth_date", "sex", "nationality", "number", "mrz")
PURPOSE = "paper.dossier"


@content("dossier")
def gather(paper: Paper, by: Account) -> dossier_content.DossierContent:
    """Raises `CannotMake` where consent, travel document or summary is missing, `Denied` where `by` may not know them."""
    application = Application.objects.select_related("post", "checklist").get(pk__in=[paper.about])
    with translation.override(paper.language):
        consent = agreed(application)
        documents = list(_verified(application, consent))
        return dossier_content.DossierContent(
            recipient_post=application.post.name,
            recipient_reference=application.reference,
            language=paper.language,
            version=paper.version,
            issued_on=timezone.localdate(),
            code=code.new_code(),
            verify_address=settings.VERIFY_ADDRESS,
            organisation=letterhead(paper.case.organisation),
            attester=dossier_content.Attester(paper.case.organisation.attester, paper.case.organisation.attester_position),
            attestation=_attestation(paper.case.organisation),
            summary=_summary(paper.case, by),
            person=_bio(documents, by),
            corroboration=_corroboration(paper.case),
            inventory=tuple(_inventory(documents)),
            timeline=tuple(_timeline(paper.case)),
            consent=_consent(consent),
            photo=next((image for kind, image in _pictures(documents, by, [DocumentKind.PHOTO])), None),
            copies=tuple(
                dossier_content.Copy(title, image) for title, image in _pictures(documents, by, application.checklist.kinds)
            ),
        )


def letterhead(organisation: Organisation) -> page.Organisation:
    """Name and address lines as letters bear them; never a shelter's."""
    lines = [line for line in organisation.letterhead.splitlines() if line.strip() and line != organisation.name]
    return page.Organisation(organisation.name, tuple(lines))


def agreed(application: Application) -> Consent:
    """The consent that covers everything a dossier says. Raises `CannotMake` without one."""
    consent = Consent.to_share(application.case_id, application.post)
    if consent is None:
        raise CannotMake(_("The person has not agreed to share name, account and documents with the post."))
    return consent


def _verified(application: Application, consent: Consent) -> Iterator[Document]:
    """Verified documents that the checklist names and that are still valid; of several of a kind the one that lasts longest.

    A photograph only where the person agreed to it.
    """
    kinds = {*application.checklist.kinds, *TRAVEL_DOCUMENTS}
    if Consent.Data.PHOTO not in consent.data:
        kinds -= {DocumentKind.PHOTO}
    seen: set[str] = set()
    verified = Document.objects.filter(case_id=application.case_id, kind__in=kinds, verified_at__isnull=False)
    for document in verified.exclude(expires_on__lt=timezone.localdate()).order_by(F("expires_on").desc(nulls_last=True)):
        if document.kind not in seen:
            seen.add(document.kind)
            yield document


def _attestation(organisation: Organisation) -> tuple[str, ...]:
    return (
        _(
            "%(organisation)s attests that the person named in this dossier is known to us, "
            "and that we have examined what they report."
        )
        % {"organisation": organisation.name},
        _(
            "A second person of our organisation, who does not lead the case, found it supported. "
            "The kinds of support are listed; the testimony stays with us."
        ),
        _(
            "We ask that you consider the application with the urgency that the summary shows, "
            "and answer under the reference above."
        ),
    )  # fmt: skip


def _summary(case: Case, by: Account) -> tuple[str, ...]:
    claim = Claim.objects.filter(case=case, summary__isnull=False).last()
    if claim is None:
        raise CannotMake(_("There is no summary for papers yet. Write it under the account of danger."))
    text = vault.unlocked([claim], "summary", by=by, purpose=PURPOSE)[0]["summary"]
    return tuple(part for part in text.splitlines() if part.strip())


def _bio(documents: list[Document], by: Account) -> dossier_content.BioData:
    """Copied from the travel document exactly, never computed (domain rule of the harmonised form, fields 1 to 3)."""
    passport = next((d for d in documents if d.kind in TRAVEL_DOCUMENTS), None)
    if passport is None:
        raise CannotMake(_("No travel document has been verified yet."))
    said = vault.read(passport, *BIO, by=by, purpose=PURPOSE)
    return dossier_content.BioData(
        surname=said["surname"], given_names=said["given_names"], native_names=tuple(said["native_name"].splitlines()),
        birth=_day(said["birth_date"]), sex=said["sex"], nationality=said["nationality"],
        document_type=str(DocumentKind(passport.kind).label), number=said["number"], issuing_state=passport.issuer,
        issued=passport.issued_on or "", expires=passport.expires_on or "", mrz=tuple(said["mrz"].splitlines()),
    )  # fmt: skip


def _day(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _corroboration(case: Case) -> tuple[dossier_content.Corroboration, ...]:
    supporting = Corroboration.objects.filter(case=case, outcome=Corroboration.Outcome.SUPPORTS)
    return tuple(dossier_content.Corroboration(str(Corroboration.Kind(c.kind).label), c.on) for c in supporting)


def _inventory(documents: list[Document]) -> Iterator[dossier_content.Inventory]:
    for document in documents:
        scans = list(document.scans.all())
        digest = bytes(scans[0].sha256).hex() if scans else ""
        checked = document.verified_at.date() if document.verified_at else None
        yield dossier_content.Inventory(str(DocumentKind(document.kind).label), len(scans), document.issued_on, checked, digest)


def _timeline(case: Case) -> Iterator[dossier_content.Event]:
    """The stages that the ledger witnesses, without places."""
    reached = LedgerEntry.objects.filter(
        case_id=case.pk, what__in=["case.referred", "step.accept", "step.shelter", "step.document"]
    )
    for entry in reached.order_by("seq"):
        yield dossier_content.Event(entry.at.date(), str(Stage(entry.stage).label))


def _consent(given: Consent) -> dossier_content.Consent:
    shared = tuple(str(Consent.Data(kind).label) for kind in given.data)
    return dossier_content.Consent(given.given_on, given.expires_on, shared)


def _pictures(documents: list[Document], by: Account, kinds: Any) -> Iterator[tuple[str, bytes]]:
    """Title and JPEG of each scan of the documents of these kinds."""
    for document in (d for d in documents if d.kind in kinds):
        for scan in Scan.objects.filter(document=document).order_by("page"):
            image = vault.read_bytes(scan, "body", by=by, purpose=PURPOSE)["body"]
            yield (
                _("%(document)s, page %(page)d") % {"document": DocumentKind(document.kind).label, "page": scan.page},
                image,
            )
