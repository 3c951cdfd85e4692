"""What the rows that the ledger names are called, and what became of them; the history of a case speaks in these words."""

from typing import Any

from django.utils.translation import gettext_lazy

# By the name of the model; those of the upper rooms are here too, since every history is shown on this floor.
# What a check-in says besides that it was one.
HEARD: dict[str, Any] = {"heard": gettext_lazy(": heard from"), "no_answer": gettext_lazy(": no answer")}
THINGS: dict[str, Any] = {
    "case": gettext_lazy("the case"),
    "approval": gettext_lazy("the question to a second person"),
    "duplicatecheck": gettext_lazy("the look for duplicates"),
    "corroboration": gettext_lazy("corroboration"),
    "riskassessment": gettext_lazy("the assessment of risk"),
    "consent": gettext_lazy("consent"),
    "document": gettext_lazy("a document"),
    "scan": gettext_lazy("the picture of a document"),
    "bordercheck": gettext_lazy("a check before the border"),
    "schengenstay": gettext_lazy("days in the Schengen area"),
    "application": gettext_lazy("an application to a post"),
    "message": gettext_lazy("a message to or from a post"),
    "paper": gettext_lazy("a paper"),
    "papersubject": gettext_lazy("whom a paper is about"),
    "identity": gettext_lazy("the real name"),
    "claim": gettext_lazy("the danger"),
    "whereabouts": gettext_lazy("where the person is"),
    "channel": gettext_lazy("a way to reach the person"),
    "referrer": gettext_lazy("who referred them"),
    "pursuer": gettext_lazy("a pursuer"),
    "vehicle": gettext_lazy("a pursuer’s vehicle"),
    "pastattempt": gettext_lazy("what was tried before"),
    "vouch": gettext_lazy("somebody’s word for the person"),
    "checkinplan": gettext_lazy("the check-in plan"),
    "bar": gettext_lazy("who may not come to this case"),
    "transfer": gettext_lazy("an offer to another organisation"),
    "alarmcontact": gettext_lazy("an alarm contact"),
    "alarm": gettext_lazy("an alarm"),
    "safetycheck": gettext_lazy("a safety check"),
    "deadline": gettext_lazy("a deadline"),
    "expiry": gettext_lazy("when something goes"),
    "keeping": gettext_lazy("something that is kept longer"),
    "stay": gettext_lazy("a stay in a house"),
    "touched": gettext_lazy("a house that is known to the wrong people"),
    "offered": gettext_lazy("a proposed house"),
    "seeker": gettext_lazy("a place that is sought"),
    "member": gettext_lazy("a place in a wave"),
    "turn": gettext_lazy("a turn in a step for a whole wave"),
    "notice": gettext_lazy("a need or a warning"),
    "passage": gettext_lazy("a passage"),
    "seat": gettext_lazy("a seat on a leg"),
    "alternate": gettext_lazy("a leg that stands ready"),
    "checkin": gettext_lazy("a check-in"),
    "rung": gettext_lazy("a rung of the check-in ladder"),
    "expense": gettext_lazy("an expense"),
    "receipt": gettext_lazy("a receipt"),
    "casebudget": gettext_lazy("a budget"),
}
# By what comes before the first dot, for every row or refusal that has no sentence of its own.
FAMILIES: dict[str, Any] = {
    "blocked": gettext_lazy("Tried, and not possible yet: %(rest)s"),
    "stale": gettext_lazy("Tried on an older state: %(rest)s"),
    "denied": gettext_lazy("Refused, for want of access"),
    "damaged": gettext_lazy("Not opened: what is kept there is damaged"),
    "read": gettext_lazy("Opened: %(rest)s"),
    "reveal": gettext_lazy("Revealed: %(rest)s"),
    "view": gettext_lazy("Looked at: %(page)s"),
    "export": gettext_lazy("Left as a file: %(page)s"),
    "record": gettext_lazy("Recorded: %(rest)s"),
    "verify": gettext_lazy("Verified: %(rest)s"),
    "refuse": gettext_lazy("Found unusable: %(rest)s"),
    "withdraw": gettext_lazy("Withdrawn: %(rest)s"),
    "end": gettext_lazy("Ended: %(rest)s"),
    "bed_taken": gettext_lazy("Tried, and the bed was taken"),
    "house_closed": gettext_lazy("Tried, and the house took nobody"),
    "not_suited": gettext_lazy("Tried, and the house does not take people like this"),
    "ask_first": gettext_lazy("Tried, and the person was to be asked first"),
    "not_admitted": gettext_lazy("Tried to let in somebody who may not come"),
    "no_seat": gettext_lazy("Tried, and there was no seat"),
    "not_released": gettext_lazy("Tried, and the paper could not be released"),
    "not_answered": gettext_lazy("Tried, and the question could not be asked or answered"),
    "locked": gettext_lazy("Tried, and the case was locked"),
    "closed": gettext_lazy("Tried to open a dossier that is no longer open"),
}
# Refusals that need no more to be said about them.
TRIED = frozenset(
    {
        "refused", "not_erased", "not_kept", "not_lifted", "not_barred", "not_given", "not_handed_over", "not_transferred",
        "not_ended", "not_watched", "not_booked", "still_open", "not_recorded", "not_safe", "not_closed", "not_kept_so",
        "other_household", "not_in_wave", "last_coordinator", "not_now", "wrong_word", "too_many", "not_yours",
    }
)  # fmt: skip
NOT_POSSIBLE = gettext_lazy("Tried, and not possible")
UNNAMED = gettext_lazy("Something was noted")  # what nobody has words for; a test finds it first
