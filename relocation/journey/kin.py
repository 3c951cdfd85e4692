"""Whether somebody may come near a case: whom the person bars, and who bears a pursuer's name. The answer is yes or no.

Names are sealed: they are compared in the vault, as the account of the sweep of conflicts, for whoever asks.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from relocation.models import Account, Bar, Channel, Consent, Identity, OnCase, Pursuer, Referrer, Vouch
from relocation.models.names import words
from relocation.models.phones import same_number
from relocation.models.pursuit import CONFLICTS
from relocation.safety import access, vault
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Refusal

# Words of a name that no family owns; a family name itself may be as short as Li or Tsoi.
_WORDS = "al ben bin bint da de del den der di du el ibn kizi kyzy la le ogly oglu van von"
PARTICLES = frozenset(_WORDS.split())
# The condition of the step `verify` judges these, and the person may vouch for them there.
JUDGED_LATER = frozenset({Role.LEAD, Role.VERIFIER})
Row = TypeVar("Row", bound=OnCase)


class NotAdmitted(Refusal):
    """Somebody, or a place, is not for this case. It never says whether they are barred, or whose name they bear."""

    kind = "not_admitted"


def may_come(case_id: UUID, people: Mapping[UUID, str], places: Mapping[UUID, str], *, kin: bool = True) -> bool:
    """Whether the person bars none of these accounts, houses and organisations, and (`kin`) nobody bears a pursuer's name."""
    with acting_as(CONFLICTS):
        bars = list(_bars(case_id))
        pursuers = list(Pursuer.of(case_id)) if kin else []
        vouched = set(Vouch.objects.filter(case=case_id).values_list("about", flat=True))
    if any(_is_barred(bar, {**people, **places}) for bar in bars):
        return False
    return not any(_is_kin(pursuer, people, vouched) for pursuer in pursuers)


def may_share_a_roof(case_id: UUID, others: Collection[UUID]) -> bool:
    """Whether none of the `others` (cases) bears the name of somebody who hunts or is barred by this person, or the reverse."""
    return not who_fears(case_id, others)


def who_fears(case_id: UUID, others: Collection[UUID]) -> set[UUID]:
    """Of a case and the `others` around it, those whose person hunts or bars somebody among them, or is hunted by them."""
    cases = {case_id, *others}
    with acting_as(CONFLICTS):
        pursuers = _by_case(Pursuer.of(*cases))
        bars = _by_case(_bars(*cases).filter(name__isnull=False))
        around = _Around(cases)
        pairs = [pair for other in others for pair in ((case_id, other), (other, case_id))]
        return {one for one, other in pairs if around.is_feared(other, pursuers[one], bars[one])}


def is_near(pursuer: Pursuer, people: Mapping[UUID, str], others: Collection[UUID] = ()) -> bool:
    """Whether one of these accounts, or of the `others` (cases), bears this pursuer's name or number and is not vouched for."""
    with acting_as(CONFLICTS):
        vouched = set(Vouch.objects.filter(case=pursuer.case_id).values_list("about", flat=True))
        around = _Around(others)
        return any(around.is_about(pursuer, other) for other in others) or _is_kin(pursuer, people, vouched)


def comes_from_a_pursuer(case_id: UUID) -> bool:
    """Whether who referred the person bears a pursuer's name or number, and the person does not vouch for them."""
    with acting_as(CONFLICTS):
        return any(referred_by(pursuer) for pursuer in Pursuer.of(case_id))


def referred_by(pursuer: Pursuer) -> bool:
    """Whether this pursuer is one who referred the person, and not vouched for."""
    with acting_as(CONFLICTS):
        vouched = Vouch.objects.filter(case=pursuer.case_id).values("about")
        referrers = Referrer.objects.filter(case=pursuer.case_id).exclude(pk__in=vouched)
        return any(
            asked(same_family, (pursuer, "name"), (row, "who")) or asked(same_number, (pursuer, "phone"), (row, "who"))
            for row in referrers
        )


class _Around:
    """The newest names of several people and their numbers, sealed, by two questions for all; acts as the sweep."""

    def __init__(self, cases: Collection[UUID]) -> None:
        self.names = {row.case_id: row for row in Identity.objects.filter(case__in=cases).order_by("at")}
        self.channels = _by_case(Channel.objects.filter(case__in=cases))

    def is_feared(self, case_id: UUID, pursuers: Iterable[Pursuer], bars: Iterable[Bar]) -> bool:
        """Whether the person of a case is one of these."""
        if any(self.is_about(pursuer, case_id) for pursuer in pursuers):
            return True
        return any(self.is_called(bar, case_id) for bar in bars)

    def is_about(self, pursuer: Pursuer, case_id: UUID) -> bool:
        """Whether the person of a case bears a pursuer's name, or answers under their number."""
        name, channels = self.names.get(case_id), self.channels[case_id] if pursuer.phone is not None else []
        if name is not None and asked(same_family, (pursuer, "name"), (name, "surname")):
            return True
        return any(asked(same_number, (pursuer, "phone"), (channel, "address")) for channel in channels)

    def is_called(self, bar: Bar, case_id: UUID) -> bool:
        """Whether the person of a case is called as somebody who is barred."""
        name = self.names.get(case_id)
        return name is not None and asked(_named_so, (bar, "name"), (name, "surname"), (name, "given_names"))


def _by_case(rows: Iterable[Row]) -> Mapping[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def asked(question: Callable[..., bool], *cells: tuple[Model, str]) -> bool:
    """What the vault says of sealed names; no, where they were erased: nobody is found in what is noise."""
    with suppress(vault.Gone):
        return vault.ask(question, *cells)
    return False


def _bars(*cases: UUID) -> QuerySet[Bar]:
    return Bar.objects.filter(case__in=cases, lifted_at=None)


def _is_barred(bar: Bar, those: Mapping[UUID, str]) -> bool:
    if bar.about is not None and bar.about in those:
        return True
    return bar.name is not None and any(asked(partial(_is_named, name), (bar, "name")) for name in those.values())


def _is_named(name: str, barred: str) -> bool:
    return _named_so(barred, name)


def is_called(name: str, wanted: str) -> bool:
    """Whether a name, or a sentence that holds it, has every word of a wanted one, in whichever script and order."""
    return _named_so(wanted, name)


def _named_so(barred: str, *name: str) -> bool:
    """Whether a name holds every word of a barred one, in whichever script and order."""
    wanted = _stems(barred)
    return bool(wanted) and wanted <= {stem for part in name for stem in _stems(part)}


def _is_kin(pursuer: Pursuer, people: Mapping[UUID, str], vouched: Collection[UUID]) -> bool:
    names = [name for pk, name in people.items() if pk not in vouched]
    return any(asked(partial(same_family, name), (pursuer, "name")) for name in names)


def same_family(hunted: str, name: str) -> bool:
    """Whether two names share a family name, in whichever script, grammatical gender or order they were written."""
    return bool(_stems(hunted) & _stems(name))


def _stems(name: str) -> set[str]:
    """What is compared of a name: each word, and of a double name each half."""
    return {stem for word in words(name) if (stem := _stem(word))}


def _stem(folded: str) -> str:
    if len(folded) < 2 or folded in PARTICLES:
        return ""
    return folded.removesuffix("a") if len(folded) > 3 else folded


@access.before_admitting
def must_be_welcome(account: Account, role: Role, case_id: UUID, by: Account) -> datetime | None:
    """Nobody is let in whom the person bars, or who bears a pursuer's name. Raises `NotAdmitted`.

    Somebody of an organisation that the person agreed to stays no longer than that consent.
    """
    if account.pk == by.pk:
        return None  # at a birth; nobody else lets themselves in
    home = {account.organisation.pk: account.organisation.name} if account.organisation else {}
    if not may_come(case_id, {account.pk: account.name}, home, kin=role not in JUDGED_LATER):
        raise NotAdmitted(case_id, f"admit.{role}", by.pk, not_welcome(account))
    consent = Consent.for_organisations(case_id).filter(organisation=account.organisation_id).first() if home else None
    return datetime.combine(consent.expires_on + timedelta(days=1), time.min, tzinfo=UTC) if consent else None


def not_welcome(account: Account) -> str:
    """The one sentence, whatever the reason."""
    return _("%(name)s cannot be let in to this case. Choose somebody else.") % {"name": account}
