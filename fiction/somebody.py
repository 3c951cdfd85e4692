"""Somebody invented: who they are, how far they have come, and how their case is opened."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from fiction.ground import Ground
from fiction.story import Traveller, as_
from relocation.journey.referring import NewCase, assign, refer
from relocation.models import Stage


@dataclass(frozen=True)
class Somebody:
    """One invented person of the world: alias, names, birth, how far, and whether something holds them up."""

    alias: str
    surname: str
    given_names: str
    latin: tuple[str, str]
    birth: date
    stage: Stage
    languages: tuple[str, ...] = ("ru",)
    needs: tuple[str, ...] = ()
    afterwards: str = ""


def open_case(somebody: Somebody, laid: Ground) -> UUID:
    """Refer somebody, as Mara, and give the case to Vera; returns its id."""
    with as_(laid["mara"]) as mara:
        case = refer(
            NewCase(
                consent_given_on=timezone.localdate() - timedelta(days=9), alias=somebody.alias, surname=somebody.surname,
                given_names=somebody.given_names, birth=somebody.birth.isoformat(), phone="+79220000000", place="Нижний Новгород",
                languages=somebody.languages, needs=somebody.needs, danger="Брат узнал и ищет меня", referred_by="горячая линия",
            ),
            by=mara,
        )  # fmt: skip
        assign(case.pk, laid["vera"], by=mara, reason="has room for one more")
    return case.pk


def traveller(somebody: Somebody, number: int) -> Traveller:
    """What their documents say; the number makes that of the passport."""
    surname, given = somebody.latin
    return Traveller(
        surname,
        given,
        f"{somebody.surname} {somebody.given_names}",
        somebody.birth,
        "F" if somebody.surname.endswith("а") else "M",
        f"75{4000000 + number}",
    )
