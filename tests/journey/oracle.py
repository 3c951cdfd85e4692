"""The steps as docs and lawyers know them, written by hand: from, to, who, a second person, an emergency."""

LIVE = (
    "referred", "verifying", "accepted", "extracting", "sheltered", "documenting",
    "applying", "lodged", "granted", "travelling", "resettled",
)  # fmt: skip
VISA = ("documenting", "applying", "lodged", "granted")
ANYBODY = "lead worker verifier coordinator host escort clinician lawyer embassy receiver"
STANDINGS = ("active", "on_hold", "lost_contact", "compromised", "detained", "withdrawn", "deceased")

# name: (from, to, who, second person, emergency also from (None: never))
STAGE_STEPS = {
    "verify": (["referred"], ["verifying"], "lead", False, None),
    "accept": (["verifying"], ["accepted"], "coordinator", False, None),
    "enter": (
        ["referred", "verifying"],
        ["accepted", "sheltered", "documenting", "applying", "lodged", "granted", "travelling", "resettled"],
        "coordinator", True, None,
    ),
    "decline": (["referred", "verifying", "accepted"], ["declined"], "coordinator", False, None),
    "reopen": (["declined", "closed"], ["verifying"], "coordinator", False, None),
    "extract": (["accepted"], ["extracting"], "lead", True, ["referred", "verifying"]),
    "abort": (["extracting"], ["accepted"], "lead", False, None),
    "shelter": (["accepted", "extracting"], ["sheltered"], "lead", False, []),
    "move_house": (LIVE[2:10], [], "lead", False, []),
    "document": (["accepted", "sheltered"], [*VISA], "lead", False, None),
    "apply": (["documenting"], ["applying"], "lead", False, None),
    "lodge": (["applying"], ["lodged"], "lead", False, None),
    "grant": (["lodged"], ["granted"], "embassy lead", False, None),
    "refuse": (["lodged"], ["documenting", "applying"], "embassy lead", False, None),
    "defer": (["lodged"], [], "embassy lead", False, None),
    "suspend": (["granted"], ["lodged"], "coordinator", False, None),
    "lapse": (["granted"], ["documenting", "applying", "lodged"], "lead", False, None),
    "depart": (["granted", "documenting", "sheltered"], ["travelling"], "lead", True, []),
    "pause_abroad": (["travelling"], ["sheltered"], "lead", False, None),
    "turn_back": (["travelling"], ["sheltered"], "lead", False, None),
    "arrive": (["travelling"], ["resettled"], "lead receiver", False, None),
    "settle_here": (["sheltered", "documenting"], ["resettled"], "coordinator", False, None),
    "extract_again": (LIVE[4:], ["extracting"], "lead", True, None),
    "return_home": (LIVE[4:], ["accepted"], "lead", False, None),
    "close": ([*LIVE, "declined"], ["closed"], "coordinator", False, None),
}  # fmt: skip
STANDING_STEPS = {
    "hold": (["active"], ["on_hold"], "lead", False, None),
    "resume": (["on_hold"], ["active"], "lead", False, None),
    "lose_contact": (["active", "on_hold", "compromised"], ["lost_contact"], "lead", False, None),
    "find_again": (["lost_contact"], ["active", "compromised"], "lead", False, None),
    "compromise": (["active", "on_hold", "lost_contact"], ["compromised"], ANYBODY, False, None),
    "make_safe": (["compromised"], ["active", "withdrawn"], "coordinator", True, None),
    "detain": (["active", "on_hold", "lost_contact", "compromised", "withdrawn"], ["detained"], ANYBODY, False, None),
    "set_free": (["detained"], ["compromised"], "lead", False, None),
    "withdraw": (["active", "on_hold", "lost_contact", "compromised", "detained"], ["withdrawn", "on_hold"], "lead", True, None),
    "come_back": (["withdrawn"], ["active"], "lead", False, None),
    "record_death": (STANDINGS[:6], ["deceased"], "coordinator", True, None),
    "correct_death": (["deceased"], ["lost_contact"], "coordinator", True, None),
}  # fmt: skip
# These need standing `active`; every other one runs in any.
NEEDS_ACTIVE = {
    "verify", "accept", "enter", "decline", "reopen", "extract", "document", "apply", "lodge", "depart", "settle_here",
}  # fmt: skip
# Unverified, a withdrawal puts only an open case on hold; from elsewhere it changes nothing (decision 10).
ONLY_FROM = {"withdraw": {"on_hold": ["active"]}}
ORACLE = STAGE_STEPS | STANDING_STEPS


def pairs(steps: dict) -> set[tuple[str, str]]:
    """Every change that some step makes."""
    return {
        (a, b)
        for name, (sources, targets, _who, _second, emergency) in steps.items()
        for a in [*sources, *(emergency or [])]
        for b in targets
        if a != b and a in ONLY_FROM.get(name, {}).get(b, [a])
    }
