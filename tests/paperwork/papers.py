"""Papers about invented people, to be drawn in the tests."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

from relocation.paperwork import dossier, house_sheet, manifest
from relocation.paperwork.page import Organisation

CODE = "7K2M-9QRT-4VXZ-1A3D"
VERIFY = "https://desk.harbour.example/verify/"
POST = "Embassy of Norland in Vesterhavn, Visa Section"
ORGANISATION = Organisation("Lantern House", ("Lindenweg 12, Beispielstadt", "desk@lantern.example"))
PERSON = dossier.BioData(
    surname="AKHMATOVA-MÜLLER",
    given_names="ZAREMA",
    native_names=("Ахматова-Мюллер Зарема Ӏусмановна", "زريمة أحمدوفا"),
    birth=date(1994, 8, 12),
    sex="F",
    nationality="UTO",
    document_type="PP",
    number="L898902C3",
    issuing_state="UTO",
    issued=date(2021, 4, 16),
    expires=date(2031, 4, 15),
    mrz=("PPUTOAKHMATOVA<MUELLER<<ZAREMA<<<<<<<<<<<<<<", "L898902C36UTO9408124F3104159<<<<<<<<<<<<<<<6"),
)


def picture(width: int = 60, height: int = 80, form: str = "JPEG", **options: Any) -> bytes:
    """A picture of nothing."""
    out = BytesIO()
    Image.new("RGB", (width, height), "#c8d0d4").save(out, form, **options)
    return out.getvalue()


def a_dossier(**changes: Any) -> dossier.DossierContent:
    """A dossier that is complete."""
    filled: dict[str, Any] = {
        "recipient_post": POST,
        "recipient_reference": "VIS 2026/1187-H",
        "language": "en",
        "version": 2,
        "issued_on": date(2026, 11, 23),
        "code": CODE,
        "verify_address": VERIFY,
        "organisation": ORGANISATION,
        "attester": dossier.Attester("Marguerite Öztürk", "Head of casework"),
        "attestation": ("We confirm what this dossier says.",),
        "summary": ("They live near Хьалха-Мартан; къӀам, лаьмӀа, Ӏаьржа.", "كتب الشخص بيده ما يلي"),
        "person": PERSON,
        "corroboration": (dossier.Corroboration("Two interviews", date(2026, 3, 19)),),
        "inventory": (dossier.Inventory("Passport", 34, date(2021, 4, 16), date(2026, 5, 2), "ab" * 32),),
        "timeline": (dossier.Event("Spring 2025", "First threats."),),
        "consent": dossier.Consent(date(2026, 10, 30), date(2027, 4, 30), ("Personal data", "Copies")),
        "photo": picture(),
        "copies": (dossier.Copy("Passport, data page", picture(90, 60)),),
    }
    return dossier.DossierContent(**(filled | changes))


def a_manifest(reader: str = "carrier", people: int = 3, **changes: Any) -> manifest.ManifestContent:
    """A manifest whose every cell tells its column."""
    columns = manifest.READERS[reader]
    leg = manifest.Leg(
        mode="Flight",
        carrier="Norland Air",
        number="NL 482",
        start="TBS",
        end="VHV",
        departs=datetime(2026, 11, 27, 6, 40, tzinfo=ZoneInfo("Asia/Tbilisi")),
        arrives=datetime(2026, 11, 27, 8, 55, tzinfo=ZoneInfo("Europe/Berlin")),
    )
    filled: dict[str, Any] = {
        "recipient": "Norland Air, station manager",
        "recipient_reference": "GRP-5521",
        "language": "en",
        "version": 1,
        "issued_on": date(2026, 11, 23),
        "code": CODE,
        "verify_address": VERIFY,
        "reader": reader,
        "leg": leg,
        "columns": columns,
        "rows": tuple(tuple(f"{column} {number}" for column in columns) for number in range(people)),
    }
    return manifest.ManifestContent(**(filled | changes))


def a_house_sheet(**changes: Any) -> house_sheet.HouseSheetContent:
    """What a host is given."""
    berlin = ZoneInfo("Europe/Berlin")
    filled: dict[str, Any] = {
        "language": "en",
        "alias": "Kestrel",
        "arrives_from": datetime(2026, 11, 27, 18, 0, tzinfo=berlin),
        "arrives_until": datetime(2026, 11, 27, 21, 30, tzinfo=berlin),
        "needs": ("A room with a door that locks",),
        "languages": ("Русский", "العربية"),
        "call": (("Night, always", "+49 30 0000 0002"),),
    }
    return house_sheet.HouseSheetContent(**(filled | changes))
