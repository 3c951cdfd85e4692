"""What the design says about knowing, written by hand from the tables of journey.md and never derived from the program."""

# role: what is read freely, what only after a reason or a second person, what is written.
ROLES = {
    "lead": ("card documents travel post money", "identity claim location destination contacts",
             "card identity claim location documents travel destination contacts post money"),
    "worker": ("card documents travel post money", "identity claim", "card documents money"),
    "verifier": ("card documents", "identity claim contacts", "claim"),
    "coordinator": ("card documents travel post money", "identity location destination", "card travel post money"),
    "host": ("card", "", ""),
    "escort": ("card", "", ""),
    "clinician": ("card medical", "", "medical"),
    "lawyer": ("card documents", "identity claim", ""),
    "embassy": ("", "", ""),
    "receiver": ("card destination", "identity", ""),
    "glass": ("card documents travel post", "identity location destination contacts", ""),
}  # fmt: skip
# Whoever breaks the glass looks alone, for half an hour, and reads why they did in the ledger; nobody lets them in.
ALONE = {"glass"}
# What a grant for one stay, leg or dossier opens of it.
OWN = {"host": "location", "escort": "location travel", "embassy": "post", "receiver": "travel"}
DAYS = {
    "lead": 180, "worker": 30, "verifier": 14, "coordinator": 90, "clinician": 30, "lawyer": 30, "embassy": 14, "receiver": 90,
}  # fmt: skip
# Who lets in whom, who ends whose access, whose word counts.
ADMITS = {
    "coordinator": "coordinator lead worker verifier clinician lawyer",
    "lead": "host escort embassy receiver",
}
ENDS = ADMITS | {"coordinator": " ".join(ROLES)}
AGREES = {"coordinator"}
# Who writes down whom the person bars, and who alone takes it back.
BARS = "lead worker verifier coordinator lawyer"
# step: the conditions that must hold, by the name under which the program judges them.
NEEDS = {
    "verify": "consent_to_contact duplicates_seen no_conflict_of_kin",
    "accept": "corroborated risk_assessed no_conflict_of_kin",
    "extract": "passage_planned check_in_plan alarm_contacts no_conflict_of_kin",
    "extract_again": "passage_planned check_in_plan alarm_contacts no_conflict_of_kin",
    "shelter": "bed_held arrival_confirmed", "move_house": "bed_held arrival_confirmed",
    "document": "checklist_chosen",
    "apply": "documents_verified travel_document_accepted consent_to_share guardian_consent",
    "lodge": "dossier_released", "grant": "decision_with_evidence", "refuse": "decision_with_evidence",
    "lapse": "visa_ran_out",
    "depart": "visa_or_none_needed legs_ticketed documents_in_time border_checked manifest_issued",
    "arrive": "word_given", "find_again": "word_given", "return_home": "by_choice_or_by_force", "close": "may_be_closed",
    "enter": "application_entered", "withdraw": "channel_holds",
    "make_safe": "place_or_channel_recorded", "come_back": "new_consent",
}  # fmt: skip
# What not even an emergency sets aside.
ALWAYS = dict.fromkeys(("extract", "shelter", "move_house", "depart"), "consent_to_contact no_conflict_of_kin")
# table: the roles that see its rows; nobody else, whatever the queryset says.
SEES = {
    "relocation_identity": "lead worker verifier coordinator lawyer receiver",
    "relocation_claim": "lead worker verifier lawyer",
    "relocation_whereabouts": "lead coordinator",
    "relocation_channel": "lead verifier",
    "relocation_referrer": "lead verifier",
    "relocation_document": "lead worker verifier coordinator lawyer",
    "relocation_scan": "lead worker verifier coordinator lawyer",
    "relocation_bordercheck": "lead worker coordinator",
    "logistics_passage": "lead worker coordinator",
    "logistics_expense": "lead worker coordinator",
    "logistics_receipt": "lead worker coordinator",
    "logistics_casebudget": "lead worker coordinator",
}


def held(words: str) -> set[str]:
    """A cell of these tables as a set."""
    return set(words.split())
