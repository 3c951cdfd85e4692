"""The table of records: what each kind asks for, what it must hold, and how it is kept. The conditions link here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from relocation.desk import record_forms as form
from relocation.desk.plan_form import PlanForm
from relocation.desk.pursuit_forms import PursuerForm, VehicleForm
from relocation.desk.vouching import VouchForm
from relocation.journey.recording import inside
from relocation.models import (
    AlarmContact,
    Application,
    BorderCheck,
    Channel,
    CheckInPlan,
    Claim,
    Consent,
    Corroboration,
    DuplicateCheck,
    Identity,
    Notice,
    OnCase,
    PastAttempt,
    Pursuer,
    RiskAssessment,
    SafetyCheck,
    SchengenStay,
    Vehicle,
    Vouch,
    Whereabouts,
)  # fmt: skip
from relocation.safety.policy import POLICY, Role


@dataclass(frozen=True)
class RecordKind:
    """One kind of record. `several` stays on the page after keeping one; `shows`: other plain fields."""

    slug: str
    model: type[OnCase]
    title: Any
    hint: Any
    fields: tuple[str, ...]
    required: tuple[str, ...] = ()
    base: type[form.RecordForm] = form.RecordForm
    several: bool = False
    shows: tuple[str, ...] = ()

    @property
    def form(self) -> Callable[..., form.RecordForm]:
        """The form of this kind: `kind.form(data, case=, by=)`."""
        return form.made(self.model, self.base, self.fields, self.required)

    @property
    def writers(self) -> list[Role]:
        """Roles that may write it, in the order of the policy table."""
        held = [POLICY.roles(compartment, "writes") for compartment in inside(self.model)]
        return [role for role in Role if all(role in roles for roles in held)]


_KINDS = (
    RecordKind(
        "consent", Consent, _("Consent"),
        _(
            "What the person agreed to, for one purpose and one recipient. They can withdraw it at any time: "
            "what was released to that post is then taken back, and its officers no longer open it."
        ),
        ("purpose", "given", "post", "organisation", "data", "language", "interpreter", "given_on", "expires_on", "words"),
        ("words",), form.ConsentForm,
        shows=("withdrawn_on",),
    ),
    RecordKind(
        "duplicates", DuplicateCheck, _("Duplicates"),
        _(
            "Look among the cases you may open, and ask a coordinator about the others. Two leads on one "
            "person endanger them."
        ),
        ("found", "note"), (), form.DuplicatesForm,
    ),
    RecordKind(
        "vouch", Vouch, _("The person vouches"),
        _(
            "Somebody on the case bears a pursuer's name. Ask the person, over a channel that they trust, "
            "whether they vouch for them."
        ),
        ("words",), ("words",), VouchForm, several=True, shows=("whom",),
    ),
    RecordKind(
        "corroboration", Corroboration, _("Corroboration"),
        _(
            "What supports the account, found by somebody who does not lead the case. Papers name the kind, "
            "never these words."
        ),
        ("kind", "outcome", "on", "words"), ("words",), several=True,
    ),
    RecordKind(
        "risk", RiskAssessment, _("Risk"), _("How great the danger is today. An assessment is good for 14 days."),
        ("level", "on", "words"), ("words",), form.RiskForm,
    ),
    RecordKind(
        "check-in-plan", CheckInPlan, _("Check-in plan"),
        _(
            "How often the person is heard from. The duress word looks like the codeword to everybody near "
            "them, and alarms in silence."
        ),
        (
            "every_hours", "grace_minutes", "step_minutes", "owner", "zone", "opens_at", "closes_at", "starts_at", "ends_at",
            "codeword", "duress_word",
        ),
        ("codeword", "duress_word"), PlanForm,
    ),
    RecordKind(
        "alarm-contact", AlarmContact, _("Alarm contacts"),
        _("Whom to call when something happens to the person: a lawyer, and at least one more."),
        ("kind", "name", "address"), ("name", "address"), several=True,
    ),
    RecordKind(
        "application", Application, _("Application to a post"),
        _("Choose a post and a purpose. Its checklist says which documents are needed."),
        ("checklist",), (), form.ApplicationForm, shows=("state", "reference"),
    ),
    RecordKind(
        "border-check", BorderCheck, _("Border checks"),
        _(
            "Debts and the wanted list, each looked at or skipped with a reason. A debt that is paid may "
            "stay in the border database for days."
        ),
        ("kind", "outcome", "cleared_on", "border_database_checked_on", "words"), (), form.BorderForm, several=True,
    ),
    RecordKind(
        "schengen-stay", SchengenStay, _("Days in the Schengen area"),
        _(
            "As the stamps say, in the last 180 days. The day of entry and the day of exit both count; days on a "
            "residence permit or a long-stay visa do not."
        ),
        ("entered_on", "left_on", "on_permit"), (), form.SchengenForm, several=True,
    ),
    RecordKind(
        "safety-check", SafetyCheck, _("Safety checks after arrival"),
        _(
            "How the person is on day 7, 30 and 90. An attempt without an answer counts: three over two "
            "channels are enough."
        ),
        ("day", "answered", "channel", "words"), (), several=True,
    ),
    RecordKind(
        "pursuer", Pursuer, _("Pursuers"),
        _(
            "Who looks for the person. Nobody of their name works on this case unless the person vouches "
            "for them."
        ),
        ("name", "relation", "is_kin", "phone", "note"), ("name",), PursuerForm, several=True,
    ),
    RecordKind(
        "vehicle", Vehicle, _("Pursuers’ vehicles"),
        _(
            "What they drive. Nobody is brought anywhere in a car with such a plate, and the people on call are woken when one "
            "is seen near a house."
        ),
        ("plate", "look"), ("plate",), VehicleForm, several=True, shows=("ended_at",),
    ),
    RecordKind(
        "past-attempt", PastAttempt, _("Past attempts"),
        _("When they found or looked for the person before, where, and what happened."),
        ("when", "where", "words"), ("words",), several=True,
    ),
    RecordKind(
        "channel", Channel, _("Ways to reach the person"),
        _(
            "Only ways that the person named. Verify one as soon as you are sure that it is they who answer; end it as soon "
            "as it is no longer safe."
        ),
        ("kind", "address"), ("address",), form.ChannelForm, several=True,
        shows=("verified_how", "verified_by", "verified_at", "compromised_at"),
    ),
    RecordKind(
        "notice", Notice, _("Needs and warnings"),
        _(
            "What must be thought of with this person, in a sentence. It shows on the screens that you choose, to whoever stands "
            "there, and on no other."
        ),
        ("kind", "words", "shows_on"), ("words",), form.NoticeForm, several=True, shows=("ended_at",),
    ),
    RecordKind(
        "claim", Claim, _("The danger"),
        _("In the person's own words; and a short factual summary, which is what papers may quote."),
        ("danger", "summary"), (), form.ClaimForm,
    ),
    RecordKind(
        "identity", Identity, _("Name and birth"),
        _("As the person says them. What a travel document says is entered with the document."),
        ("surname", "given_names", "patronymic", "birth"), ("surname",), form.IdentityForm,
    ),
    RecordKind(
        "whereabouts", Whereabouts, _("Where the person is"),
        _("Reading it again needs a second person. It never stands beside the name."),
        ("place", "safe"), ("place",),
    ),
)  # fmt: skip
KINDS = {kind.slug: kind for kind in _KINDS}
