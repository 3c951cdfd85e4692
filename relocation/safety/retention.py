"""How long each kind of record is kept once a journey has ended, why, and what becomes of every table when a case is erased.

Days count from the day on which a case was closed or declined, by the database's clock. The coordinator is warned first, and
something goes only when the days of grace are over as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

WARNED_BEFORE = 30  # days
GRACE = 14  # days
ENDED = ("closed", "declined")  # stages from which the days count
LAST = "case"  # the kind that takes the case itself, and the key of everything about it
KEYS_EXPIRE = 7  # days that a copy of the keys is kept in backups, and so the longest that something erased could be read


@dataclass(frozen=True)
class Kind:
    """Rows that are kept for one purpose, and go together."""

    days: int
    label: Any
    why: Any
    rows: tuple[str, ...]


KINDS = {
    "places": Kind(
        30,
        _("Places and stays"),
        _("Nobody needs to know any more where somebody once hid; it could still lead to others."),
        ("relocation.whereabouts", "shelters.offered", "shelters.seeker", "shelters.stay", "shelters.touched"),
    ),
    "way": Kind(
        90,
        _("The way: passages, seats, checks before the border"),
        _("Carriers answer complaints within three months; after that a route only endangers those who take it next."),
        ("logistics.passage", "logistics.seat", "logistics.alternate", "relocation.bordercheck"),
    ),
    "watch": Kind(
        180,
        _("Check-ins, codewords, whom to call"),
        _("For half a year somebody who arrived may be in danger again."),
        ("relocation.checkinplan", "logistics.rung", "logistics.checkin", "relocation.alarmcontact", "relocation.safetycheck"),
    ),
    "documents": Kind(
        365,
        _("Documents and their pictures"),
        _("For a year they help to replace what was lost on the way."),
        ("relocation.document", "relocation.scan", "relocation.schengenstay"),
    ),
    "post": Kind(
        365,
        _("Applications, letters and papers"),
        _("For a year a post may ask about what it was given, and a decision may be appealed."),
        ("relocation.application", "relocation.message", "relocation.paper"),
    ),
    LAST: Kind(
        730,
        _("The case itself: name, account, contacts, consents, approvals"),
        _("For two years the person, a court or a donor’s auditor may ask what was done. Then nothing is left but the ledger."),
        (
            "relocation.identity", "relocation.claim", "relocation.channel", "relocation.referrer", "relocation.pursuer",
            "relocation.vehicle", "relocation.pastattempt",
            "relocation.vouch", "relocation.bar", "relocation.consent", "relocation.duplicatecheck", "relocation.corroboration",
            "relocation.riskassessment", "relocation.alarm", "relocation.deadline", "relocation.approval", "relocation.transfer",
            "relocation.papersubject", "relocation.expiry", "relocation.keeping", "relocation.member", "relocation.turn",
            "relocation.notice", "logistics.expense", "logistics.receipt", "logistics.casebudget",
        ),
    ),
}  # fmt: skip

# Every other table, and what becomes in it of somebody who is erased.
BESIDE = {
    "relocation.case": "removed; a tombstone with its id alone is left",
    "relocation.casegrant": "removed: nobody can open it any more",
    "relocation.grantreview": "removed with the grants",
    "relocation.outbox": "removed: jobs that name the case or a row of it",
    "relocation.referralfile": "removed where the case came from it; any other goes within the hour, and into no backup",
    "relocation.household": "removed where nobody else is in it",
    "logistics.leg": "removed where nobody else has a seat on it, or it stands ready for them",
    "logistics.change": "removed with the leg: it names no passenger",
    "logistics.seen": "removed with the leg: it names no passenger",
    "relocation.wrappedkey": "destroyed: what it sealed is noise, in every backup too",
    "relocation.ledgerentry": "kept: ids and codes; reasons are noise without the key, the chain holds their hash",
    "relocation.tombstone": "kept: id, when, why, by whom",
    "relocation.revokedpaper": "kept: digests of codes, of which nobody can tell whose they were",
    "relocation.account": "kept: those who help",
    "relocation.dutyshift": "kept: those who help",
    "relocation.organisation": "kept: about nobody",
    "relocation.wave": "kept: about nobody",
    "relocation.wavestep": "kept: about nobody",
    "relocation.post": "kept: about nobody",
    "relocation.checklist": "kept: about nobody",
    "logistics.funder": "kept: about nobody",
    "logistics.limit": "kept: about nobody",
    "logistics.wavebudget": "kept: about nobody",
    "logistics.report": "kept: sums of five people or more, by nobody's name",
    "logistics.rate": "kept: about nobody",
    "shelters.house": "kept: about nobody",
    "shelters.keeper": "kept: those who help",
    "shelters.room": "kept: about nobody",
    "shelters.bed": "kept: about nobody",
    "shelters.freebeds": "kept: about nobody",
    "shelters.closure": "kept: about nobody",
    "shelters.inspection": "kept: about nobody",
    "shelters.vetting": "kept: those who help",
    "shelters.sighting": "kept: what was seen near a house, about nobody who stays there",
    "shelters.burn": "kept: about nobody",
    "shelters.proposal": "kept: nights and times, about nobody",
    "relocation.burnedchain": "kept: a name that is no longer safe, sealed under the organisation's key",
    "shelters.knower": "kept: those who help",
    "auth.permission": "kept: about nobody",
    "auth.group": "kept: about nobody",
    "contenttypes.contenttype": "kept: about nobody",
    "guardian.userobjectpermission": "kept empty: grants are of another kind",
    "guardian.groupobjectpermission": "kept empty: grants are of another kind",
    "relocation.filelink": "removed: links to a row of the case; any other lasts five minutes, and goes into no backup",
    "relocation.session": "kept: who is signed in; into no backup",
    "relocation.lock": "removed: locks of the case, which say its code",
    "relocation.breakglass": "removed with the grants",
    "relocation.honey": "removed: it is about nobody",
    "relocation.decoy": "kept: those who help",
    "relocation.signal": "kept: those who help",
    "relocation.feed": "kept: those who help",
    "relocation.invitation": "kept: those who help",
    "account.emailaddress": "kept: those who help",
    "account.emailconfirmation": "kept: those who help",
    "mfa.authenticator": "kept: those who help",
    "axes.accessattempt": "kept: who tried to sign in",
    "axes.accessattemptexpiration": "kept: who tried to sign in",
    "axes.accessfailurelog": "kept: who tried to sign in",
    "axes.accesslog": "kept: who tried to sign in",
}
NOT_BACKED_UP = ("relocation.session", "relocation.referralfile", "relocation.filelink")


def unsaid() -> list[str]:
    """Models of which nobody has said how they are erased, which two kinds claim, or which are no more; no start with any."""
    said = [label for kind in KINDS.values() for label in kind.rows]
    models = {model._meta.label_lower: model for model in apps.get_models() if not model._meta.proxy}
    on_case = {label for label, model in models.items() if hasattr(model, "own_by")}
    missing = {label for label in models if label not in said and (label in on_case or label not in BESIDE)}
    return sorted(missing | {label for label in said if said.count(label) > 1} | ({*said, *BESIDE} - set(models)))


def tables(kind: str) -> Iterator[str]:
    """The tables that a kind's rows lie in; the last kind has all of them."""
    labels = [label for one in KINDS.values() for label in one.rows] if kind == LAST else KINDS[kind].rows
    return (apps.get_model(label)._meta.db_table for label in labels)
