"""The steps of the standing: whether the way is open. Plain methods too, called by `advance` only."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from relocation.journey.conditions import way
from relocation.journey.facts import FoundAgain, MadeSafe, OnHold, SetFree, Withdrawal
from relocation.journey.silence import in_silence
from relocation.journey.step import ANYBODY, NOT_DECEASED, standing
from relocation.models import Alarm, Deadline, Standing
from relocation.models.outbox import put
from relocation.safety.policy import Role

if TYPE_CHECKING:
    from relocation.journey.moving import Moving as Base
else:
    Base = object

LEAD, COORDINATOR = Role.LEAD, Role.COORDINATOR
ACTIVE, ON_HOLD, LOST, COMPROMISED = Standing.ACTIVE, Standing.ON_HOLD, Standing.LOST_CONTACT, Standing.COMPROMISED
DETAINED, WITHDRAWN, DECEASED = Standing.DETAINED, Standing.WITHDRAWN, Standing.DECEASED


class StandingSteps(Base):
    """Mixed into the journey's proxy."""

    @standing(ACTIVE, to=ON_HOLD, label=_("Put on hold"), by=[LEAD], facts=OnHold, reason=True)
    def hold(self, facts: OnHold) -> None:
        """Wait, for a medical or another reason, until a day on which somebody looks again."""
        self.due(Deadline.Kind.HOLD_REVIEW, facts.review_on, "hold")

    @standing(ON_HOLD, to=ACTIVE, label=_("Go on"), by=[LEAD])
    def resume(self) -> None:
        """The reason for waiting is gone."""
        self.settle(Deadline.Kind.HOLD_REVIEW)

    @standing(ACTIVE, ON_HOLD, COMPROMISED, to=LOST, label=_("Contact is lost"), by=[LEAD], reason=True)
    def lose_contact(self) -> None:
        """Nobody reaches the person."""
        self.alarm(Alarm.Kind.LOST)

    @standing(
        LOST, to=[ACTIVE, COMPROMISED], label=_("Found again"), by=[LEAD], facts=FoundAgain, needs=[way.word_given],
    )  # fmt: skip
    def find_again(self, facts: FoundAgain) -> str:
        """The person is heard from, and gives the codeword; the duress word looks the same and alarms."""
        if not self.under_duress:
            return COMPROMISED if in_silence(self, self.attempt.by) else ACTIVE
        self.alarm(Alarm.Kind.DURESS)
        return COMPROMISED

    @standing(
        ACTIVE, ON_HOLD, LOST, to=COMPROMISED, label=_("Something is known to the wrong people"), by=ANYBODY,
        reason=True,
    )  # fmt: skip
    def compromise(self) -> None:
        """A place, a channel or a helper is no longer safe."""
        self.alarm(Alarm.Kind.RAISED)

    @standing(
        COMPROMISED, to=[ACTIVE, WITHDRAWN], label=_("Safe again"), by=[COORDINATOR], facts=MadeSafe, second=True,
        needs=[way.place_or_channel_recorded],
    )  # fmt: skip
    def make_safe(self, facts: MadeSafe) -> str:
        """A new place or channel is recorded, and two people agree that it is safe."""
        self.is_at(facts.place_or_channel, safe=True)
        return WITHDRAWN if facts.consent_ended else ACTIVE

    @standing(
        *(s for s in NOT_DECEASED if s is not DETAINED), to=DETAINED, label=_("Detained"), by=ANYBODY, reason=True,
    )  # fmt: skip
    def detain(self) -> None:
        """Somebody holds the person. The people on call and the lawyer are called."""
        self.alarm(Alarm.Kind.DETAINED)
        put("tell_lawyers", by=self.attempt.by, key=f"{self.pk}:{self.version}", case=self.pk)

    @standing(DETAINED, to=COMPROMISED, label=_("Set free"), by=[LEAD], facts=SetFree)
    def set_free(self, facts: SetFree) -> None:
        """Free again; what was asked, signed and taken decides what is still safe."""
        self.is_told(f"{facts.asked}\n{facts.signed}\n{facts.taken}")

    @standing(
        *(s for s in NOT_DECEASED if s is not WITHDRAWN), to=[WITHDRAWN, ON_HOLD], only_from={ON_HOLD: [ACTIVE]},
        label=_("The person withdraws"), by=[LEAD], facts=Withdrawal, second=True, reason=True, needs=[way.channel_holds],
    )  # fmt: skip
    def withdraw(self, facts: Withdrawal) -> str:
        """Only over a verified channel: withdrawals are forced. Otherwise it waits, with an alarm; whoever is lost, detained or
        compromised stays so, since no word that may be forced opens their way again."""
        if facts.channel:
            return WITHDRAWN
        self.alarm(Alarm.Kind.FORCED_WITHDRAWAL)
        if self.standing not in (ACTIVE, ON_HOLD):
            return str(self.standing)
        self.due(Deadline.Kind.HOLD_REVIEW, timezone.localdate() + timedelta(days=1), "withdraw")
        return ON_HOLD

    @standing(WITHDRAWN, to=ACTIVE, label=_("The person comes back"), by=[LEAD], needs=[way.new_consent])
    def come_back(self) -> None:
        """Whoever withdrew may come back by a new consent."""

    @standing(*NOT_DECEASED, to=DECEASED, label=_("Record a death"), by=[COORDINATOR], second=True, reason=True)
    def record_death(self) -> None:
        """The person has died."""

    @standing(
        DECEASED, to=LOST, label=_("Correct a death that was recorded"), by=[COORDINATOR], second=True, reason=True,
    )  # fmt: skip
    def correct_death(self) -> None:
        """The record was wrong: the person is looked for again."""
