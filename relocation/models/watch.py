"""How somebody is watched over: check-in plan, alarm contacts, alarms, safety checks, deadlines."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from relocation.models.case import OnCase
from relocation.models.zones import city
from relocation.safety.policy import Compartment, known
from relocation.safety.sealed import Sealed
from relocation.safety.triggers import HEAD
from relocation.safety.walls import ACTOR

CARD, TRAVEL, CONTACTS = Compartment.CARD, Compartment.TRAVEL, Compartment.CONTACTS
# A zone that the database does not know would stop the sweep of every plan.
KNOWN_ZONE = (
    f"CREATE OR REPLACE FUNCTION harbour_zone() RETURNS trigger LANGUAGE plpgsql {HEAD} "
    "BEGIN PERFORM statement_timestamp() AT TIME ZONE new.zone; RETURN new; END $$",
    "CREATE OR REPLACE TRIGGER zone BEFORE INSERT OR UPDATE OF zone ON relocation_checkinplan "
    "FOR EACH ROW EXECUTE FUNCTION harbour_zone()",
)


class CheckInPlan(OnCase):
    """How often the person is heard from, and the words that prove it; the duress word alarms in silence.

    A plan that is `about` a passage has no words of its own and counts while that way lasts. Whole days go by the clock of
    the person's `zone` (IANA), and so does the window in which they can speak; fewer hours are hours, whatever clocks show.
    """

    about = known(CARD, models.UUIDField(null=True, blank=True, editable=False, help_text="the passage that it is for"))
    every_hours = known(CARD, models.PositiveSmallIntegerField(_("every how many hours"), default=24))
    grace_minutes = known(CARD, models.PositiveSmallIntegerField(_("minutes of grace"), default=60))
    starts_at = known(CARD, models.DateTimeField(_("from")))
    ends_at = known(CARD, models.DateTimeField(_("until"), null=True, blank=True))
    zone = known(CARD, models.CharField(_("time zone of the person"), max_length=40, default="Europe/Moscow"))
    opens_at = known(CARD, models.TimeField(_("can speak from, local time"), null=True, blank=True))
    closes_at = known(CARD, models.TimeField(_("can speak until, local time"), null=True, blank=True))
    step_minutes = known(CARD, models.PositiveSmallIntegerField(_("minutes until the next are told"), default=30))
    owner = known(
        CARD,
        models.ForeignKey(
            "relocation.Account", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who answers for it")
        ),
    )
    codeword = Sealed(_("codeword"), compartment=CONTACTS)
    duress_word = Sealed(_("duress word"), compartment=CONTACTS)

    wall_statements: ClassVar[tuple[str, ...]] = KNOWN_ZONE

    @property
    def city(self) -> str:
        """The city that the zone is named after."""
        return city(self.zone)

    class Meta(OnCase.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(every_hours__gte=1, step_minutes__gte=1), name="plan_has_hours"),
            models.CheckConstraint(
                condition=models.Q(opens_at=None, closes_at=None)
                | models.Q(opens_at__isnull=False, closes_at__isnull=False) & ~models.Q(opens_at=models.F("closes_at")),
                name="window_has_both_ends",
            ),
        ]


class AlarmContact(OnCase):
    """Whom to call when something happens to the person."""

    class Kind(models.TextChoices):
        LAWYER = "lawyer", _("lawyer")
        TRUSTED = "trusted", _("somebody the person trusts")
        COLLEAGUE = "colleague", _("colleague")

    kind = known(CARD, models.CharField(_("who"), max_length=10, choices=Kind))
    name = Sealed(_("name"), compartment=CONTACTS)
    address = Sealed(_("how to reach them"), compartment=CONTACTS)


class Alarm(OnCase):
    """Something has happened. The people on call are told, without content."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", _("emergency step")
        LOST = "lost", _("contact lost")
        DURESS = "duress", _("duress word given")
        DETAINED = "detained", _("detained")
        FORCED_RETURN = "forced_return", _("returned by force")
        FORCED_WITHDRAWAL = "forced_withdrawal", _("withdrawal that may be forced")
        RAISED = "raised", _("raised by somebody on the case")
        MISSED = "missed", _("check-in missed")
        SEEN_HERE = "seen_here", _("a pursuer’s car was seen near the house where they stay")
        SEEN = "seen", _("a pursuer’s car was seen near one of the houses")

    anyone_adds = True

    kind = known(CARD, models.CharField(max_length=20, choices=Kind))
    closed_at = known(CARD, models.DateTimeField(null=True, blank=True))
    closed_by = known(CARD, models.ForeignKey("relocation.Account", models.PROTECT, null=True, blank=True, related_name="+"))


CHANNELS = [("phone", _("phone")), ("messenger", _("messenger")), ("mail", _("e-mail")), ("visit", _("visit"))]


class SafetyCheck(OnCase):
    """After arrival: how is the person on day 7, 30 and 90. An attempt without an answer counts towards three."""

    day = known(CARD, models.PositiveSmallIntegerField(_("day after arrival"), choices=[(7, "7"), (30, "30"), (90, "90")]))
    answered = known(CARD, models.BooleanField(_("the person answered"), default=True))
    channel = known(CARD, models.CharField(_("channel"), max_length=10, choices=CHANNELS))
    words = Sealed(_("what was said"), compartment=CONTACTS)


# What a post answers settles what was asked before; its officer reads no card, so the database does it for whoever holds a grant.
ANSWERED = f"""CREATE OR REPLACE FUNCTION harbour_answered(application uuid) RETURNS SETOF uuid LANGUAGE sql VOLATILE {HEAD}
  UPDATE relocation_deadline d SET done_at = statement_timestamp(), done_by_id = {ACTOR}
  WHERE d.about = $1 AND d.kind = 'answer' AND d.done_at IS NULL AND EXISTS (SELECT FROM relocation_casegrant g
    WHERE g.case_id = d.case_id AND g.user_id = {ACTOR} AND g.expires_at > statement_timestamp()) RETURNING d.id $$"""  # noqa: S608  names of our own


class Deadline(OnCase):
    """Something that must be done or will run out, and when; opened by doors, closed by whoever does it."""

    class Kind(models.TextChoices):
        OPEN_CONDITION = "open_condition", _("left open by an emergency")
        REVIEW = "review", _("review of an emergency")
        APPEAL = "appeal", _("appeal")
        ANSWER = "answer", _("answer to the post")
        HOLD_REVIEW = "hold_review", _("look again")
        ALARM = "alarm", _("alarm")
        RETENTION = "retention", _("retention ends")
        MOVE = "move", _("danger where they stay")
        SAFETY_CHECK = "safety_check", _("safety check after arrival")
        SECOND_LOOK = "second_look", _("somebody around them needs a second look")

    anyone_adds = True

    kind = known(CARD, models.CharField(max_length=16, choices=Kind))
    what = known(CARD, models.CharField(max_length=80, blank=True, help_text="the condition or step it is about"))
    about = known(CARD, models.UUIDField(null=True, blank=True, help_text="the application whose answer it is"))
    due_at = known(CARD, models.DateTimeField())
    done_at = known(CARD, models.DateTimeField(null=True, blank=True))
    done_by = known(CARD, models.ForeignKey("relocation.Account", models.PROTECT, null=True, blank=True, related_name="+"))

    wall_statements: ClassVar[tuple[str, ...]] = (ANSWERED,)

    class Meta(OnCase.Meta):
        ordering = ["due_at"]
        indexes = [models.Index(fields=["case", "due_at"], condition=models.Q(done_at=None), name="deadline_open")]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(kind="move", done_at=None), name="one_move_at_a_time"),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(kind="second_look", done_at=None), name="one_look_at_a_time"
            ),
        ]
