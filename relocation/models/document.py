"""Documents of the person and their scans, and what was checked before a border."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.digests import BlindIndex
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed

DOCUMENTS, TRAVEL = Compartment.DOCUMENTS, Compartment.TRAVEL


class DocumentKind(models.TextChoices):
    """Kinds that checklists name."""

    PASSPORT = "passport", _("Passport")
    TRAVEL_DOCUMENT = "travel_document", _("Emergency or refugee travel document")
    BIRTH = "birth", _("Birth certificate")
    PHOTO = "photo", _("Photograph")
    MEDICAL_CERTIFICATE = "medical_certificate", _("Medical certificate")
    POLICE_CLEARANCE = "police_clearance", _("Police clearance")
    INVITATION = "invitation", _("Invitation or host letter")
    INSURANCE = "insurance", _("Travel medical insurance")
    VISA_FORM = "visa_form", _("Signed visa form")
    WAIVER = "waiver", _("Waiver of the travel document")
    EXIT_PERMISSION = "exit_permission", _("Permission to leave the country")
    MINOR_CONSENT = "minor_consent", _("Consent of parents or guardian to travel")
    RESIDENCE_PERMIT = "residence_permit", _("Residence permit or long-stay visa")
    OTHER = "other", _("Other document")


TRAVEL_DOCUMENTS = (DocumentKind.PASSPORT, DocumentKind.TRAVEL_DOCUMENT)


class Document(OnCase):
    """One document. Names stand as the document has them and are never computed (ICAO Doc 9303-3)."""

    kind = known(DOCUMENTS, models.CharField(_("kind"), max_length=20, choices=DocumentKind))
    issued_on = known(DOCUMENTS, models.DateField(_("issued on"), null=True, blank=True))
    expires_on = known(DOCUMENTS, models.DateField(_("valid until"), null=True, blank=True))
    blank_pages = known(DOCUMENTS, models.PositiveSmallIntegerField(_("blank pages left"), null=True, blank=True))
    issuer = known(DOCUMENTS, models.CharField(_("issuing state (three letters)"), max_length=3, blank=True))
    number_digest = known(DOCUMENTS, BlindIndex(of="number", purpose="passport"))
    number = Sealed(_("number"), compartment=DOCUMENTS)
    surname = Sealed(_("family name as in the document"), compartment=DOCUMENTS)
    given_names = Sealed(_("given names as in the document"), compartment=DOCUMENTS)
    native_name = Sealed(_("name in the holder's own script"), compartment=DOCUMENTS)
    birth_date = Sealed(_("date of birth as in the document"), compartment=DOCUMENTS)
    sex = Sealed(_("sex as in the document"), compartment=DOCUMENTS)
    nationality = Sealed(_("nationality as in the document"), compartment=DOCUMENTS)
    mrz = Sealed(_("machine readable lines"), compartment=DOCUMENTS)
    verified_at = known(DOCUMENTS, models.DateTimeField(null=True, blank=True, editable=False))
    verified_by = known(
        DOCUMENTS,
        models.ForeignKey("relocation.Account", models.PROTECT, null=True, blank=True, related_name="+", editable=False),
    )
    refused_because = Sealed(_("why it cannot be used"), compartment=DOCUMENTS)


class Scan(OnCase):
    """A picture of a document: decoded, re-encoded from its pixels, sealed under the case's key."""

    document = known(DOCUMENTS, models.ForeignKey(Document, models.CASCADE, related_name="scans"))
    page = known(DOCUMENTS, models.PositiveSmallIntegerField(default=1))
    sha256 = known(DOCUMENTS, models.BinaryField(help_text="of the re-encoded picture"))
    body = Sealed(compartment=DOCUMENTS)


class SchengenStay(OnCase):
    """Days that somebody spent in the Schengen area, as stamped; days of a residence permit or long-stay visa do not count."""

    entered_on = known(DOCUMENTS, models.DateField(_("entered on")))
    left_on = known(DOCUMENTS, models.DateField(_("left on"), null=True, blank=True))
    on_permit = known(DOCUMENTS, models.BooleanField(_("on a residence permit or a long-stay visa"), default=False))


class BorderCheck(OnCase):
    """What may stop somebody at a border, looked at or skipped with a reason. The two dates are kept apart on purpose."""

    class Kind(models.TextChoices):
        DEBTS = "debts", _("debts with an exit ban")
        WANTED = "wanted", _("wanted list")

    class Outcome(models.TextChoices):
        CLEAR = "clear", _("clear")
        STOPPED = "stopped", _("there is something")
        SKIPPED = "skipped", _("skipped, with a reason")

    kind = known(TRAVEL, models.CharField(_("what"), max_length=10, choices=Kind))
    outcome = known(TRAVEL, models.CharField(_("outcome"), max_length=10, choices=Outcome))
    cleared_on = known(TRAVEL, models.DateField(_("cleared on"), null=True, blank=True))
    border_database_checked_on = known(TRAVEL, models.DateField(_("border database looked at on"), null=True, blank=True))
    words = Sealed(_("reason, or what was found"), compartment=TRAVEL)
