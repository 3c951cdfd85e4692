"""The kinds of entries of the ledger, and the pages that it speaks of, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

# What an entry's code begins with, by the kind that an auditor asks for.
KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "view": (_("Pages looked at"), ("view.",)),
    "read": (_("Read without a reason"), ("read.", "dossier.opened")),
    "reveal": (_("Revealed with a reason"), ("reveal.",)),
    "denied": (_("Refused for want of access"), ("denied.",)),
    "refused": (_("Tried, and not possible"), ("blocked.", "stale.", "refused.")),
    "export": (_("Files that left"), ("export.",)),
    "grant": (_("Who was let in and out"), ("grant.", "case.assigned")),
    "approval": (_("Second person"), ("approval.",)),
    "step": (_("Steps"), ("step.",)),
    "alarm": (_("Alarms and check-ins"), ("alarm.", "check_in", "ladder.")),
    "wave": (_("Waves"), ("wave.",)),
    "house": (_("Houses, stays and referral chains"), ("house.", "stay.", "chain.")),
    "money": (_("Money"), ("expense.", "budget.", "limit.", "funder.", "report.", "wave.budget")),
    "paper": (_("Papers and dossiers"), ("paper.", "dossier.")),
    "retention": (_("Erased, and kept longer"), ("case.erased", "retention.")),
    "danger": (_("Locks and emergencies"), ("lock.", "locked.", "not_lifted.", "glass.", "incident.")),
    "account": (_("Coming in, and accounts"), ("account.",)),
    "ledger": (_("The ledger itself"), ("ledger.", "anchor.")),
}

PAGES: dict[str, Any] = {
    "desk.case": _("the case"),
    "desk.step": _("a step"),
    "desk.deadline": _("a deadline"),
    "desk.incident": _("the incident"),
    "desk.household": _("the household"),
    "desk.record": _("a record"),
    "desk.papers": _("papers"),
    "desk.paper": _("a paper"),
    "desk.documents": _("documents"),
    "desk.document": _("a document"),
    "desk.people": _("who has access"),
    "desk.reveal": _("the page for revealing"),
    "desk.thread": _("letters with the post"),
    "desk.referral_refused": _("refused rows of a referral file"),
    "desk.retention": _("what is kept, and for how long"),
    "desk.wave": _("a wave"),
    "desk.wave_sheet": _("the sheet of a wave"),
    "desk.wave_turns": _("what became of a step for a wave"),
    "desk.danger": _("the page for emergencies"),
    "desk.ledger": _("the ledger"),
    "desk.ledger_export": _("the ledger"),
    "passages.case": _("passages"),
    "passages.new": _("a new passage"),
    "passages.passage": _("a passage"),
    "passages.leg": _("a leg"),
    "passages.check_in": _("check-ins"),
    "money.case": _("money"),
    "money.new": _("a new expense"),
    "money.expense": _("an expense"),
    "money.receipt": _("a receipt"),
    "money.report": _("an expense report"),
    "stays.find": _("finding a bed"),
    "stays.stay": _("a stay"),
    "embassy.file": _("the dossier's file"),
}


def page(code: str) -> str:
    """The words for a page, by its code."""
    return str(PAGES.get(code) or code.replace(".", ": ").replace("_", " "))
