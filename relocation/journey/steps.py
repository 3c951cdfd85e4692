"""The steps of the journey, one plain method each. `advance` is their only caller."""

from django.utils.translation import gettext_lazy as _

from relocation.journey.conditions import papers, referral, way
from relocation.journey.facts import (
    ENTRY_STAGES,
    Arrived,
    Closing,
    Declined,
    Departing,
    Entered,
    Lodged,
    MoreAsked,
    OneApplication,
    Place,
    Sheltering,
    TurnedBack,
    VisaGranted,
    VisaRefused,
    WentHome,
)  # fmt: skip
from relocation.journey.moving import Moving
from relocation.journey.standings import StandingSteps
from relocation.journey.step import LIVE_STAGES, VISA_STAGES, application_step, step
from relocation.models import Alarm, ApplicationState, Deadline, Stage
from relocation.safety.policy import Role

LEAD, COORDINATOR, EMBASSY, RECEIVER = Role.LEAD, Role.COORDINATOR, Role.EMBASSY, Role.RECEIVER
ON_THE_WAY = LIVE_STAGES[2:-1]  # accepted to travelling
LATER = LIVE_STAGES[4:]  # sheltered to resettled
# A post decides in its own time, wherever the person is by then.
DECIDED_IN = LIVE_STAGES[2:]
DECISION = ("decision", "decided_on", "valid_from", "valid_until", "entries")
EXTRACTION = ("passage_planned", referral.check_in_plan, referral.alarm_contacts, referral.no_conflict_of_kin)
# What an emergency passes over when it brings somebody out who was not accepted yet.
PASSED_OVER = {Stage.REFERRED: ("verify", "accept"), Stage.VERIFYING: ("accept",)}
NEVER_SET_ASIDE = (referral.consent_to_contact, referral.no_conflict_of_kin)


class Journey(StandingSteps, Moving):
    """A case with its steps. An ordinary `Case` has none to call."""

    class Meta:
        proxy = True
        default_permissions = ()

    # Referral

    @step(
        Stage.REFERRED, to=Stage.VERIFYING, label=_("Start verifying"), by=[LEAD],
        needs=[referral.consent_to_contact, referral.duplicates_seen, referral.no_conflict_of_kin],
    )  # fmt: skip
    def verify(self) -> None:
        """Start checking what the person tells us."""

    @step(
        Stage.VERIFYING, to=Stage.ACCEPTED, label=_("Accept the case"), by=[COORDINATOR],
        needs=[referral.corroborated, referral.risk_assessed, referral.no_conflict_of_kin],
    )  # fmt: skip
    def accept(self) -> None:
        """Take responsibility for bringing the person to safety. The verifier does not decide."""

    @step(
        Stage.REFERRED, Stage.VERIFYING, label=_("Enter where they already are"), by=[COORDINATOR], facts=Entered,
        second=True, needs=[papers.application_entered],
        to=ENTRY_STAGES,
    )  # fmt: skip
    def enter(self, facts: Entered) -> str:
        """People come when they have already fled: record what is already true, with its evidence."""
        if facts.checklist and (state := papers.STATE_AT.get(Stage(facts.stage))):
            self.has_applied(facts, state)
        return facts.stage

    @step(
        Stage.REFERRED, Stage.VERIFYING, Stage.ACCEPTED, to=Stage.DECLINED, label=_("Decline"), by=[COORDINATOR],
        facts=Declined, reason=True,
    )  # fmt: skip
    def decline(self, facts: Declined) -> None:
        """Say no, say why, and offer something else."""

    @step(Stage.DECLINED, Stage.CLOSED, to=Stage.VERIFYING, label=_("Reopen"), by=[COORDINATOR], reason=True)
    def reopen(self) -> None:
        """Look at the case again. Its clock of retention stops."""
        self.stop_retention()

    # Extraction and safe house

    @step(
        Stage.ACCEPTED, to=Stage.EXTRACTING, label=_("Bring the person out"), by=[LEAD], needs=EXTRACTION,
        second=True, emergency_from=[Stage.REFERRED, Stage.VERIFYING], emergency_needs=NEVER_SET_ASIDE,
    )  # fmt: skip
    def extract(self) -> None:
        """Bring the person out."""
        if self.attempt.emergency:
            self.leave_open(*PASSED_OVER.get(self.stage, ()))

    @step(
        Stage.EXTRACTING, to=Stage.ACCEPTED, label=_("Break off"), by=[LEAD], facts=Place, reason=True,
        any_standing=True,
    )  # fmt: skip
    def abort(self, facts: Place) -> None:
        """Break the extraction off, and note where the person is now."""
        self.is_at(facts.place)

    @step(
        Stage.ACCEPTED, Stage.EXTRACTING, to=Stage.SHELTERED, label=_("Sheltered"), by=[LEAD], facts=Sheltering,
        any_standing=True, needs=["bed_held", "arrival_confirmed"], emergency_from=[],
        emergency_needs=NEVER_SET_ASIDE,
    )  # fmt: skip
    def shelter(self, facts: Sheltering) -> None:
        """The person has arrived at a safe place."""
        self.is_at(facts.private_place, safe=True)

    @step(
        *ON_THE_WAY, to=None, label=_("Move to another house"), by=[LEAD], facts=Sheltering, any_standing=True,
        needs=["bed_held", "arrival_confirmed"], emergency_from=[], emergency_needs=NEVER_SET_ASIDE,
    )  # fmt: skip
    def move_house(self, facts: Sheltering) -> None:
        """Another safe place; the journey stays where it is."""
        self.is_at(facts.private_place, safe=True)

    # Documents and visa

    @step(
        Stage.ACCEPTED, Stage.SHELTERED, to=VISA_STAGES, label=_("Start on the documents"), by=[LEAD],
        needs=[papers.checklist_chosen],
    )  # fmt: skip
    def document(self) -> str:
        """Gather what the chosen post asks for; with an application that is further, the stage is that one's."""
        return self.furthest_stage()

    @application_step(
        ApplicationState.CHOSEN, to=[Stage.APPLYING], stages=VISA_STAGES, label=_("Prepare the application"),
        by=[LEAD], facts=OneApplication,
        needs=[papers.documents_verified, papers.travel_document_accepted, papers.consent_to_share, papers.guardian_consent],
    )  # fmt: skip
    def apply(self, facts: OneApplication) -> str:
        """Everything that the post asks for is there: prepare the application."""
        return self.application_is(ApplicationState.APPLYING)

    @application_step(
        ApplicationState.APPLYING, to=[Stage.LODGED], stages=VISA_STAGES[1:], label=_("Lodged with the post"),
        by=[LEAD], facts=Lodged, needs=[papers.dossier_released],
    )  # fmt: skip
    def lodge(self, facts: Lodged) -> str:
        """The post has the dossier. Its release needed a second person."""
        return self.application_is(ApplicationState.LODGED, **({"receipt": facts.receipt} if facts.receipt else {}))

    @application_step(
        ApplicationState.LODGED, to=[Stage.GRANTED], stages=DECIDED_IN, label=_("Visa granted"),
        by=[EMBASSY, LEAD], facts=VisaGranted, needs=[papers.decision_with_evidence], any_standing=True,
    )  # fmt: skip
    def grant(self, facts: VisaGranted) -> str:
        """Record that the post will issue a visa, and until when."""
        self.answered()
        return self.application_is(ApplicationState.GRANTED, decision=facts.evidence, decided_on=self.today,
                                   entries=facts.entries, long_stay=facts.long_stay,
                                   valid_from=facts.valid_from, valid_until=facts.valid_until)  # fmt: skip

    @application_step(
        ApplicationState.LODGED, to=[Stage.DOCUMENTING, Stage.APPLYING], stages=DECIDED_IN,
        label=_("Visa refused"), by=[EMBASSY, LEAD], facts=VisaRefused, needs=[papers.decision_with_evidence],
        any_standing=True,
    )  # fmt: skip
    def refuse(self, facts: VisaRefused) -> str:
        """Record the refusal, its reasons, and until when an appeal is possible."""
        self.answered()
        self.due(Deadline.Kind.APPEAL, facts.appeal_by, "refuse")
        return self.application_is(ApplicationState.REFUSED, decision=f"{facts.evidence}\n{facts.reasons}", decided_on=self.today,
                                   appeal_by=facts.appeal_by)  # fmt: skip

    @application_step(
        ApplicationState.LODGED, to=[], stages=DECIDED_IN, label=_("More is asked"), by=[EMBASSY, LEAD],
        facts=MoreAsked, any_standing=True,
    )  # fmt: skip
    def defer(self, facts: MoreAsked) -> str:
        """The post asks for more before it decides."""
        self.answered()
        self.due(Deadline.Kind.ANSWER, facts.answer_by, "defer", about=facts.application)
        return self.application_is(ApplicationState.LODGED)

    @application_step(
        ApplicationState.GRANTED, to=[Stage.LODGED], stages=DECIDED_IN,
        label=_("Approval withdrawn by the state"), by=[COORDINATOR], facts=OneApplication, reason=True,
        any_standing=True,
    )  # fmt: skip
    def suspend(self, facts: OneApplication) -> str:
        """The state withdrew an approval after giving it: nothing of the decision holds any more."""
        return self.application_is(ApplicationState.LODGED, **dict.fromkeys(DECISION))

    @application_step(
        ApplicationState.GRANTED, to=VISA_STAGES[:3], stages=DECIDED_IN, label=_("Visa ran out unused"),
        by=[LEAD], facts=OneApplication, needs=[papers.visa_ran_out], any_standing=True,
    )  # fmt: skip
    def lapse(self, facts: OneApplication) -> str:
        """The visa ran out unused."""
        return self.application_is(ApplicationState.LAPSED)

    # Travel

    @step(
        Stage.GRANTED, Stage.DOCUMENTING, Stage.SHELTERED, to=Stage.TRAVELLING, label=_("Depart"), by=[LEAD],
        facts=Departing, second=True,
        needs=["visa_or_none_needed", "legs_ticketed", "documents_in_time", way.border_checked, "manifest_issued"],
        emergency_from=[], emergency_needs=NEVER_SET_ASIDE,
    )  # fmt: skip
    def depart(self, facts: Departing) -> None:
        """Leave the country."""

    @step(
        Stage.TRAVELLING, to=Stage.SHELTERED, label=_("Pause in a third country"), by=[LEAD], facts=Place,
        any_standing=True,
    )  # fmt: skip
    def pause_abroad(self, facts: Place) -> None:
        """Stay for a while in a safe place of a third country."""
        self.is_at(facts.place, safe=True)

    @step(
        Stage.TRAVELLING, to=Stage.SHELTERED, label=_("Turned back"), by=[LEAD], facts=TurnedBack, any_standing=True,
    )  # fmt: skip
    def turn_back(self, facts: TurnedBack) -> None:
        """Stopped on the way: by whom, what was taken, and a place for tonight."""
        self.is_at(facts.where, left=True)
        self.is_at(facts.tonight, safe=True)

    @step(
        Stage.TRAVELLING, to=Stage.RESETTLED, label=_("Arrived"), by=[LEAD, RECEIVER], facts=Arrived,
        needs=[way.word_given], any_standing=True,
    )  # fmt: skip
    def arrive(self, facts: Arrived) -> None:
        """The person has arrived, and says so with the codeword. The duress word alarms, and looks the same."""
        if self.under_duress:
            self.compromised_in_silence()

    # Resettlement

    @step(
        Stage.SHELTERED, Stage.DOCUMENTING, to=Stage.RESETTLED, label=_("Stay in the country"), by=[COORDINATOR],
        reason=True,
    )  # fmt: skip
    def settle_here(self) -> None:
        """The person chooses to stay in the country."""

    @step(
        *LATER, to=Stage.EXTRACTING, label=_("Bring the person out again"), by=[LEAD], needs=EXTRACTION, second=True,
        any_standing=True,
    )  # fmt: skip
    def extract_again(self) -> None:
        """Danger has found them again."""

    @step(
        *LATER, to=Stage.ACCEPTED, label=_("Returned home"), by=[LEAD], facts=WentHome,
        needs=[way.by_choice_or_by_force], any_standing=True,
    )  # fmt: skip
    def return_home(self, facts: WentHome) -> None:
        """The person went back, by choice or by force."""
        if facts.forced:
            self.alarm(Alarm.Kind.FORCED_RETURN)

    @step(
        *LIVE_STAGES, Stage.DECLINED, to=Stage.CLOSED, label=_("Close the case"), by=[COORDINATOR], facts=Closing,
        needs=[way.may_be_closed], any_standing=True,
    )  # fmt: skip
    def close(self, facts: Closing) -> None:
        """End the case and start the clock of its retention."""
        self.start_retention()
