"""Who sees the rows of a house: whoever works at a desk, and its hosts."""

from relocation.safety.walls import ACTOR


def keeps(house: str) -> str:
    return f"EXISTS (SELECT 1 FROM shelters_keeper k WHERE k.house_id = {house} AND k.account_id = {ACTOR})"


def own_desk(house: str) -> str:
    """Whoever works at a desk of the house's own organisation."""
    return (
        "EXISTS (SELECT 1 FROM shelters_house h JOIN relocation_account a ON a.organisation_id = h.organisation_id "
        f"WHERE h.id = {house} AND a.id = {ACTOR} AND a.part = 'desk' AND a.is_active)"
    )


def staff_or_host(house: str) -> dict[str, str]:
    """Case workers know houses by their code; a host knows the own house. Addresses are sealed besides."""
    seen = f"harbour_part('desk') OR {keeps(house)}"
    return {"SELECT": seen, "INSERT": "harbour_part('desk')", "UPDATE": seen, "DELETE": "harbour_part('desk')"}
