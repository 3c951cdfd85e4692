"""What is known about the person, each compartment in a table of its own; and who hunts them."""

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed

IDENTITY, CLAIM, LOCATION, CONTACTS = (
    Compartment.IDENTITY,
    Compartment.CLAIM,
    Compartment.LOCATION,
    Compartment.CONTACTS,
)


class Identity(OnCase):
    """The person's own name and birth, as they say it; what a travel document says stands in the document."""

    sweep = "conflicts"

    surname = Sealed(_("family name"), compartment=IDENTITY)
    given_names = Sealed(_("given names"), compartment=IDENTITY)
    patronymic = Sealed(_("patronymic"), compartment=IDENTITY)
    birth = Sealed(_("date of birth, as precisely as it is known (1976, 1976-05, about 1976)"), compartment=IDENTITY)


class Claim(OnCase):
    """The danger, in the person's own words."""

    danger = Sealed(_("danger, in their own words"), compartment=CLAIM)
    summary = Sealed(_("short factual summary for papers"), compartment=CLAIM)


class Whereabouts(OnCase):
    """A place where the person is or was; never shown beside the identity."""

    place = Sealed(_("where"), compartment=LOCATION)
    safe = known(LOCATION, models.BooleanField(_("a private place that is safe for now"), default=False))
    left_at = known(LOCATION, models.DateTimeField(null=True, blank=True))


class Channel(OnCase):
    """A way to reach the person that the case names."""

    sweep = "conflicts"

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone")
        MESSENGER = "messenger", _("messenger")
        MAIL = "mail", _("e-mail")
        THROUGH = "through", _("through somebody they trust")

    class How(models.TextChoices):
        """How somebody made sure that it is the person who answers there."""

        IN_PERSON = "in_person", _("in person")
        CODEWORD = "codeword", _("by the codeword")
        VOICE = "voice", _("by a voice they know")

    kind = known(CONTACTS, models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.PHONE))
    address = Sealed(_("number or address"), compartment=CONTACTS)
    verified_how = known(CONTACTS, models.CharField(_("verified"), max_length=10, choices=How, blank=True))
    verified_at = known(CONTACTS, models.DateTimeField(_("verified on"), null=True, blank=True))
    verified_by = known(
        CONTACTS,
        models.ForeignKey(
            "relocation.Account", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verified by")
        ),
    )
    compromised_at = known(CONTACTS, models.DateTimeField(null=True, blank=True))


class Referrer(OnCase):
    """Who referred the person: a link of the referral chain."""

    sweep = "conflicts"

    who = Sealed(_("who referred them"), compartment=CONTACTS)


class Pursuer(OnCase):
    """Somebody who looks for the person, and kin of theirs."""

    sweep = "conflicts"

    name = Sealed(_("name"), compartment=CONTACTS)
    relation = Sealed(_("relation to the person"), compartment=CONTACTS)
    is_kin = known(CONTACTS, models.BooleanField(_("a relative"), default=True))
    phone = Sealed(_("phone"), compartment=CONTACTS)
    note = Sealed(_("what else is known"), compartment=CONTACTS)
    ended_at = known(CONTACTS, models.DateTimeField(_("ended"), null=True, blank=True))

    @classmethod
    def of(cls, *cases: UUID) -> models.QuerySet["Pursuer"]:
        """Who looks for the people of these cases, but for what was noted by mistake."""
        return cls.objects.filter(case__in=cases, ended_at=None)


class Vouch(OnCase):
    """The person vouches for somebody who bears a pursuer's name: for this one, and for nobody who comes after them."""

    sweep = "conflicts"

    class For(models.TextChoices):
        REFERRER = "referrer", _("who referred them")
        LEAD = "lead", _("the case lead")
        VERIFIER = "verifier", _("the verifier")
        COLLEAGUE = "colleague", _("a colleague")

    whom = known(CONTACTS, models.CharField(_("for whom"), max_length=10, choices=For))
    about = known(CONTACTS, models.UUIDField(help_text="the account of the lead or verifier, or the row of the referrer"))
    words = Sealed(_("what they said, and over which channel"), compartment=CONTACTS)
