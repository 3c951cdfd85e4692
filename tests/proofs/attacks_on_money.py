"""Attacks on what counts: a large payment that books itself, a limit to which nobody agreed."""

from uuid import UUID, uuid4

from tests.proofs.attacks import Attack, Attacker


def limit_agreed(by: Attacker, table: str, case_id: UUID) -> bool:
    """A coordinator proposes a limit and says that somebody else agreed."""
    mara, ilya, limit = Attacker("mara", by.world), by.world["ilya"].pk, uuid4()
    row = f"'{limit}', '{by.world['mara'].organisation_id}', 'EUR', 1000000000, '', '{mara.id}', '{ilya}', now()"
    columns = "id, organisation_id, currency, minor, device, by_id, agreed_by_id, agreed_at"
    made = f"INSERT INTO logistics_limit ({columns}) VALUES ({row})"
    return mara.tries(made, f"SELECT 1 FROM logistics_limit WHERE id = '{limit}' AND agreed_at IS NOT NULL")[0] > 0


def expense(by: Attacker, table: str, case_id: UUID) -> bool:
    """Whoever pays says of a large sum that it counts."""
    row = f"'{(paid := uuid4())}', '{case_id}', '{by.id}', 'food', 'EUR', 1000000000, current_date, 'booked', now()"
    columns = "id, case_id, by_id, category, currency, minor, paid_on, state, booked_at"
    made = f"INSERT INTO logistics_expense ({columns}) VALUES ({row})"
    return by.tries(made, f"SELECT 1 FROM logistics_expense WHERE id = '{paid}' AND state = 'booked'")[0] > 0


ATTACKS: dict[str, Attack] = {"limit_agreed": limit_agreed, "expense": expense}
