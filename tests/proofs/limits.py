"""What each promise does not say, in a sentence: the honest limit that stands beside its figure."""

LIMITS = {
    "G2": "Strangers are tried at addresses that the program knows; a new kind of address brings its own cells.",
    "G3": "A rule that nobody wrote down cannot be weakened, and so is not missed.",
    "G5": "Timings are taken in one process on one machine; a network hides more than it shows.",
    "G7": "What somebody has read before their access ended, they have read.",
    "G8": "Row policies do not stop a program that can name any actor to the database.",
    "G9": "Two people who conspire see it. The same device is known by a cookie, which whoever clears the browser is rid of.",
    "G14": "Threads of one machine, against one PostgreSQL.",
    "G18": "An unlocked server holds keys and what is open in memory; swap must be off.",
    "G21": "Whoever is root on an unlocked server reads what is decrypted there.",
    "G22": "A blind index outlives the key of its case until the row is erased.",
    "G27": "A flaw in the picture decoders themselves would run in a bounded process, as the same user.",
    "G30": "One click signs the invented cast in with both factors: on loopback only, in a world that `world` made.",
    "G32": "A device that has signed in before has a counter of its own, so that nobody locks the rightful out.",
    "G35": "Lists and the phone pages of hosts and escorts are not written one look at a time; what they open sealed is.",
    "G36": "What is newer than the last anchor can be cut off unseen; the window is the time between two anchors.",
    "G44": "Recorded in Chromium.",
    "G45": "Rehearsed between two folders of one machine.",
    "G46": "Backups of the keys are kept for seven days; until then an old pair of backups opens what was erased.",
    "G48": "Alarms leave by mail and by a command; whether somebody wakes is not in our hands. Missed check-ins come later.",
}
