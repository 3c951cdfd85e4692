"""Attacks on what PostgreSQL enforces of houses, stays, legs and check-ins: raw SQL, all taken back."""

from uuid import UUID, uuid4

from tests.proofs.attacks import Attack, Attacker, happened

FAR = "daterange(current_date + 400, current_date + 402)"  # nights that nobody has


def elm(by: Attacker) -> UUID:
    return by.world.ground.houses["Elm"].pk


def shut(by: Attacker) -> str:
    return f"UPDATE shelters_house SET is_open = false WHERE id = '{elm(by)}'"


def kept(by: Attacker, case_id: UUID) -> tuple[str, str]:
    """The house is kept for women, and the person said that neither kind suits them."""
    said = f"UPDATE relocation_case SET house_for = 'neither' WHERE id = '{case_id}'"
    return said, f"UPDATE shelters_house SET takes = 'women' WHERE id = '{elm(by)}'"


def burn(by: Attacker) -> str:
    return (
        "INSERT INTO shelters_burn (id, house_id, by_id, reason) SELECT gen_random_uuid(), "
        f"'{elm(by)}', '{by.world['mara'].pk}', '\\x00'::bytea"
    )


def stay(by: Attacker, case_id: UUID) -> str:
    return f"""INSERT INTO shelters_stay (id, case_id, by_id, at, house_id, bed_id, nights, state, held_until, expected_from,
        expected_until) SELECT gen_random_uuid(), '{case_id}', '{by.id}', now(), b.house_id, b.id, {FAR}, 'held',
        now() + interval '1 day', now() + interval '400 days', now() + interval '401 days'
        FROM shelters_bed b WHERE b.house_id = '{elm(by)}' LIMIT 1"""


def stay_comes(by: Attacker, table: str, case_id: UUID) -> bool:
    """Somebody gets a bed in a house that takes nobody, or that is kept for others."""
    return any(happened(by.tries(*so, stay(by, case_id))) for so in ([shut(by)], kept(by, case_id)))


def stay_changes(by: Attacker, table: str, case_id: UUID) -> bool:
    """A stay grows longer in a house that takes nobody, or that is kept for others by now."""
    longer = f"UPDATE shelters_stay SET nights = daterange(lower(nights), upper(nights) + 1) WHERE nights = {FAR}"
    return any(happened(by.tries(stay(by, case_id), *so, longer)) for so in ([shut(by)], kept(by, case_id)))


def house_kept(by: Attacker, table: str, case_id: UUID) -> bool:
    """The host of a house makes it another one, or one person of its desk opens what was locked."""
    lock = f"SELECT harbour_lock(gen_random_uuid(), 'house', '{elm(by)}', 'Elm', NULL)"
    renamed = Attacker("pekka", by.world).tries(f"UPDATE shelters_house SET code = 'safe' WHERE id = '{elm(by)}'")
    opened = Attacker("mara", by.world).tries(lock, f"UPDATE shelters_house SET is_open = true WHERE id = '{elm(by)}'")
    return happened(renamed) or happened(opened)


def burned(by: Attacker, table: str, case_id: UUID) -> bool:
    """A house is burned and goes on taking people."""
    still = f"SELECT 1 FROM shelters_house WHERE id = '{elm(by)}' AND compromised_at IS NULL"
    return Attacker("mara", by.world).tries(burn(by), still)[0] > 0


def kept_burned(by: Attacker, table: str, case_id: UUID) -> bool:
    """One person says that a burned house is safe again."""
    safe = f"UPDATE shelters_house SET compromised_at = NULL, is_open = true WHERE id = '{elm(by)}'"
    return happened(Attacker("mara", by.world).tries(burn(by), safe))


def leg_moved(by: Attacker, table: str, case_id: UUID) -> bool:
    """An escort knows of a leg for days after it has ended, since it ended earlier than was planned."""
    leg = f"(SELECT leg_id FROM logistics_seat WHERE case_id = '{case_id}' AND given_up_at IS NULL LIMIT 1)"
    otto = by.world["otto"].pk
    later = f"""UPDATE logistics_leg SET departs_at = now() + interval '3 days', arrives_at = now() + interval '4 days'
        WHERE id = {leg}"""
    grant = f"""INSERT INTO relocation_casegrant (user_id, permission_id, case_id, scope, granted_by_id, granted_at, expires_at,
        last_activity_at, stage, standing) SELECT '{otto}', id, '{case_id}', {leg}, '{by.id}', now(), now() + interval '4 days',
        now(), 'lodged', 'active' FROM auth_permission WHERE codename = 'escort' ON CONFLICT DO NOTHING"""
    over = f"""UPDATE logistics_leg SET departs_at = now() - interval '2 days', arrives_at = now() - interval '1 day'
        WHERE id = {leg}"""
    knows = f"""SELECT 1 FROM relocation_casegrant WHERE user_id = '{otto}' AND scope = {leg}
        AND expires_at > statement_timestamp()"""
    return by.tries(later, grant, over, knows)[0] > 0


def zone(by: Attacker, table: str, case_id: UUID) -> bool:
    """A plan of check-ins in a zone that no clock knows stops everybody's check-ins."""
    return happened(by.tries(f"UPDATE relocation_checkinplan SET zone = 'Nowhere/Atall' WHERE case_id = '{case_id}'"))


def chain_burned(by: Attacker, table: str, case_id: UUID) -> bool:
    """A referral chain is burned, and nobody on call is woken."""
    mara, chain = by.world["mara"], uuid4()
    burnt = f"""INSERT INTO relocation_burnedchain (id, organisation_id, by_id, who, reason)
        VALUES ('{chain}', '{mara.organisation_id}', '{mara.pk}', '\\x00'::bytea, '\\x00'::bytea)"""
    silent = f"SELECT 1 WHERE NOT EXISTS (SELECT FROM relocation_outbox WHERE key LIKE 'chain:{chain}%')"
    return Attacker("mara", by.world).tries(burnt, silent)[0] > 0


ATTACKS: dict[str, Attack] = {
    "stay_comes": stay_comes, "stay_changes": stay_changes, "house_kept": house_kept, "burned": burned,
    "kept_burned": kept_burned,
    "leg_moved": leg_moved, "zone": zone, "chain_burned": chain_burned,
}  # fmt: skip
