"""How far a case is, and whether its way is open."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    """How far."""

    REFERRED = "referred", pgettext_lazy("stage", "Referred")
    VERIFYING = "verifying", pgettext_lazy("stage", "Verifying")
    ACCEPTED = "accepted", pgettext_lazy("stage", "Accepted")
    DECLINED = "declined", pgettext_lazy("stage", "Declined")
    EXTRACTING = "extracting", pgettext_lazy("stage", "Being brought out")
    SHELTERED = "sheltered", pgettext_lazy("stage", "Sheltered")
    DOCUMENTING = "documenting", pgettext_lazy("stage", "Documents")
    APPLYING = "applying", pgettext_lazy("stage", "Preparing the application")
    LODGED = "lodged", pgettext_lazy("stage", "Lodged with the post")
    GRANTED = "granted", pgettext_lazy("stage", "Visa granted")
    TRAVELLING = "travelling", pgettext_lazy("stage", "Travelling")
    RESETTLED = "resettled", pgettext_lazy("stage", "Resettled")
    CLOSED = "closed", pgettext_lazy("stage", "Closed")


class Standing(models.TextChoices):
    """Whether the way is open."""

    ACTIVE = "active", pgettext_lazy("standing", "Active")
    ON_HOLD = "on_hold", pgettext_lazy("standing", "On hold")
    LOST_CONTACT = "lost_contact", pgettext_lazy("standing", "Contact lost")
    COMPROMISED = "compromised", pgettext_lazy("standing", "Compromised")
    DETAINED = "detained", pgettext_lazy("standing", "Detained")
    WITHDRAWN = "withdrawn", pgettext_lazy("standing", "Withdrawn")
    DECEASED = "deceased", pgettext_lazy("standing", "Deceased")


class Risk(models.TextChoices):
    """What the last assessment says."""

    UNKNOWN = "unknown", _("Risk not assessed")
    NORMAL = "normal", _("Normal risk")
    HIGH = "high", _("High risk")
    EXTREME = "extreme", _("Extreme risk")
