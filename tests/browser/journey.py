"""The main job as its people do it on their screens: one chapter each, told by what they follow, fill in and press."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from fiction import pictures
from fiction.story import CODEWORD, DURESS, Traveller
from tests.browser.screen import PHONE, Screen

REFERRAL = (
    "Alias;Surname;Given names;Date of birth;Phone;City;Languages;Danger;Referred by;Consent to contact\n"
    "Kestrel;Эльфова;Алёна;1992-04-28;+79224125684;Нижний Новгород;русский;Отец обещал убить;горячая линия;yes\n"
)
CODE_PHRASE = "Is this the way to the lake?"


class Journey:
    """Everybody's part in Kestrel's way, each on a screen of their own."""

    def __init__(self, sit: Callable[..., Screen], *, script: bool) -> None:
        self.on = cache(lambda name: sit(name, script=script, **({"viewport": PHONE} if name in ("hanna", "otto") else {})))
        self.today, self.cases = date.today(), dict[Screen, str]()

    def __getattr__(self, name: str) -> Screen:
        return self.on(name)

    # Ways that are gone again and again

    def at_case(self, who: Screen) -> Screen:
        """The page of Kestrel's case: from the list, and later by its address."""
        if who not in self.cases:
            self.cases[who] = who.go("/cases/").follow("Kestrel").page.url
        return who.go(self.cases[who])

    def record(self, link: str, *entries: dict[str, Any]) -> None:
        """Vera goes where the gate sends her, and keeps what is asked for."""
        self.at_case(self.vera).follow(link)
        for entry in entries:
            self.vera.fill(**entry).press("Keep")

    def take(self, step: str, **told: Any) -> Screen:
        """Vera takes the step that the case offers."""
        self.at_case(self.vera).unfold("Other steps").follow(step)
        return self.vera.fill(**told).press(step)

    def agree(self) -> None:
        """Mara looks at the question and agrees."""
        self.mara.go("/approvals/").sees("Kestrel").follow("Look and answer").press("Agree").sees("You agreed.")

    def take_with_second(self, step: str, *, link: str = "", button: str = "") -> None:
        """Vera asks, Mara agrees, Vera takes the step."""
        self.at_case(self.vera).follow(link or step).fill(reason="Everything is ready.")
        self.vera.press("Ask a second person").sees("can agree now")
        self.agree()
        self.at_case(self.vera).follow(step).press(button or step)

    # Chapters

    def referral(self) -> None:
        """Mara imports a file and names Vera as the lead."""
        file = {"name": "referrals.csv", "mimeType": "text/csv", "buffer": REFERRAL.encode()}
        self.mara.go("/referrals/").fill(file=file).press("Look at it").sees("1 person can be imported", "Эльфова")
        self.mara.press("Import 1 person").until("1 case was opened").follow("Name their leads")
        self.mara.fill(leads=["Vera Lind"], reason="has room").press("Name their leads")
        self.mara.sees("1 person has a lead now")

    def verification(self) -> None:
        """Vera starts, since nobody was alike; Mara lets Tomas in, who corroborates; Vera assesses the risk; Mara accepts."""
        self.take("Start verifying").sees("Verifying")
        self.at_case(self.mara).follow("Change who has access")
        self.mara.fill(role="verifier", account="Tomas Oja", reason="verifies").press("Let in")
        self.at_case(self.tomas).follow("Record corroboration")
        self.tomas.fill(kind="interview", outcome="supports", words="The second account agrees.").press("Keep")
        self.record("Assess risk", {"level": "high", "words": "Relatives are looking for her."})
        self.at_case(self.mara).follow("Accept the case").press("Accept the case").sees("Accepted")

    def extraction(self) -> None:
        """Vera plans the way, who is told and how she is heard from; Mara agrees; Otto brings her."""
        self.plan_passage("extraction", mode="car", from_place="Point A", to_place="Alder", hours=4, lasts=9, escort="Otto Berg")
        self.record("Plan check-ins", {"every_hours": 24, "codeword": CODEWORD, "duress_word": DURESS})
        contacts = [
            {"kind": kind, "name": name, "address": "+358 40 000 0000"}
            for kind, name in (("lawyer", "Ruth"), ("trusted", "Sofia"))
        ]
        self.record("Name alarm contacts", *contacts)
        self.take_with_second("Bring the person out", link="Ask a second person", button="Take the step as agreed")
        self.vera.sees("Being brought out")
        self.otto.go("/escort/").sees("Kestrel", CODE_PHRASE).press("Show where to meet").sees("the clock at the bus station")
        for told in ("Met", "Handed over"):
            with self.otto.go("/").within(1) as otto:
                otto.press(told).sees("Saved.")

    def plan_passage(self, purpose: str, *, hours: int, lasts: int, escort: str = "", **leg: Any) -> None:
        """Vera plans a passage of one leg and confirms it."""
        leaves = datetime.now() + timedelta(hours=hours)
        times = {"departs_at": f"{leaves:%Y-%m-%dT%H:%M}", "arrives_at": f"{leaves + timedelta(hours=lasts):%Y-%m-%dT%H:%M}"}
        zones = {"from_zone": "UTC", "to_zone": "UTC"}
        self.at_case(self.vera).follow("passage").follow("Plan a passage").fill(purpose=purpose).press("Plan it, then add legs")
        if escort:
            leg |= {"escort": escort, "code_phrase": CODE_PHRASE, "meeting_point": "the clock at the bus station"}
        self.vera.unfold("Add a leg").fill(**{f"leg-{name}": value for name, value in (leg | times | zones).items()})
        self.vera.press("Add this leg").press("Confirm the passage").sees("The passage is confirmed")

    def safe_house(self) -> None:
        """Vera holds a bed and confirms it; Hanna says what is free, takes it back, and receives her."""
        self.at_case(self.vera).follow("Find a bed").press("Hold for 24 hours").sees("The bed is held")
        self.vera.press("Confirm and tell the host").sees("Confirmed.")
        with self.hanna.go("/").within(1) as hanna:
            hanna.sees("Kestrel").press("3").sees("3 free")
        self.hanna.press("Undo").sees("Taken back.").press("2").sees("2 free")
        with self.hanna.go("/").within(1) as hanna:
            hanna.press("Arrived").sees("Kestrel has arrived")
        self.look_after_the_house()
        self.take("Sheltered").sees("Sheltered")

    def look_after_the_house(self) -> None:
        """Hanna closes two nights in three taps, and notes a car in two."""
        with self.hanna.within(3) as hanna:
            hanna.unfold("Close the house for some nights").fill(nights="2").press("Close these nights").sees("Nobody new")
        self.hanna.press("Open again").sees("People may be sent to you")
        with self.hanna.within(2) as hanna:
            hanna.unfold("I have seen something").press("A car waits").sees("Written down")

    def documents(self) -> None:
        """Vera chooses a post, enters and verifies the papers, records consent and prepares the application."""
        self.record("Choose a post", {"checklist": "R2"})
        self.take("Start on the documents")
        self.add_document("passport", pictures.passport("PASSPORT", "ELFOVA ALENA", ""), **self.passport())
        self.add_document("photo", pictures.photograph())
        agreed = {"purpose": "share", "post": "R2", "data": ["identity", "claim", "documents", "photo"]}
        self.record("Record consent", agreed | {"words": "By phone, in Russian."})
        self.take("Prepare the application", application="R2")

    def passport(self) -> dict[str, Any]:
        """What is printed in her passport."""
        her, expires = Traveller(), self.today + timedelta(days=900)
        return {
            "issued_on": expires - timedelta(days=3650), "expires_on": expires, "blank_pages": 11,
            "issuer": "RUS", "number": her.number,
            "surname": her.surname, "given_names": her.given_names, "native_name": her.native_name, "birth_date": her.birth,
            "sex": her.sex, "nationality": "RUS", "mrz": "\n".join(her.zone(expires)),
        }  # fmt: skip

    def add_document(self, kind: str, picture: bytes, **printed: Any) -> None:
        """Vera enters a document, adds its page, looks at it and verifies it."""
        self.at_case(self.vera).follow("All documents").unfold("Enter a document").fill(kind=kind, **printed)
        self.vera.press("Keep the document").unfold("Add a page")
        self.vera.fill(page={"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": picture}).press("Keep the page")
        self.vera.follow("Look").press("Verify").sees("Verified")

    def post(self) -> None:
        """Vera orders the dossier, a worker makes it, Mara agrees to its release; Elise reads it, asks, and grants."""
        self.at_case(self.vera).go(self.record_of("claim")).fill(summary=Traveller().summary).press("Keep")
        self.at_case(self.vera).follow("Papers").fill(application="R2", language="en").press("Make the dossier")
        self.vera.until("Ready").page.reload()
        self.vera.fill(reason="The post asked for it.").press("Ask a second person")
        dossier = self.vera.page.url
        self.agree()
        self.vera.go(dossier).press("Release to R2").sees("Released to")
        self.elise.go("/embassy/").press("Acknowledge receipt").follow("Open")
        self.elise_downloads()
        self.take("Lodged with the post", application="R2")
        week = self.today + timedelta(days=7)
        self.elise.go("/embassy/").follow("Open").follow("Ask for more").fill(asked="Proof of the family link.", answer_by=week)
        self.elise.press("Send the question").follow("Record: visa granted")
        visa = {"evidence": "note 17/26", "valid_from": self.today, "valid_until": self.today + timedelta(days=90)}
        self.elise.fill(**visa).press("Record the visa").sees("The decision is recorded")

    def record_of(self, kind: str) -> str:
        """Where records of a kind are kept, seen from the case's page that Vera has open."""
        return f"{self.vera.page.url}records/{kind}/"

    def elise_downloads(self) -> None:
        """The sealed file comes as a file of its own, never inside a page."""
        with self.elise.page.expect_download() as coming:
            self.elise.page.get_by_role("button", name="Download the sealed PDF").click()
        assert coming.value.path().read_bytes().startswith(b"%PDF")

    def travel(self) -> None:
        """Vera looks at the border, books, has the manifest made; Mara agrees; she departs and arrives with the codeword."""
        looked = {"outcome": "clear", "cleared_on": self.today, "border_database_checked_on": self.today}
        self.record("Record a border check", {"kind": "debts"} | looked, {"kind": "wanted"} | looked)
        flight: dict[str, Any] = {"mode": "plane", "carrier": "North Air", "number": "NA 412", "seats": 4, "crossing": "in"}
        flight["needs_manifest"] = True
        self.plan_passage("departure", from_place="Point C", to_place="Point F", hours=72, lasts=5, **flight)
        self.vera.unfold("Note the ticket").fill(reference="TK-48213").press("Note it")
        self.vera.unfold("Issue the manifest").press("Issue it").until("Ready")
        self.take_with_second("Depart", button="Take the step as agreed")
        self.vera.sees("Travelling")
        self.take("Arrived", codeword=CODEWORD).sees("Resettled")
