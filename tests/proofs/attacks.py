"""Attacks on what PostgreSQL enforces: raw SQL as the program's own role, by somebody who is signed in; all taken back."""

import json
from collections.abc import Callable
from uuid import UUID, uuid4

import psycopg

from relocation.models import Stage
from tests.proofs import owner
from tests.proofs.world import World

APP = "harbour_app"
DENIED = "42501"  # insufficient_privilege: row-level security, or a guard


class Attacker:
    """One person with the database's own language."""

    def __init__(self, username: str, world: World) -> None:
        self.id: UUID = world[username].pk
        self.world = world

    def tries(self, *statements: str, commits: bool = False) -> tuple[int, str]:
        """Rows that the last statement touched, and what refused it; afterwards nothing has happened."""
        with owner.connect(user=APP) as raw, raw.transaction(force_rollback=True):
            raw.execute("SELECT set_config('harbour.actor', %s, true)", [str(self.id)])
            try:
                for statement in statements:
                    done = raw.execute(statement)
                if commits:
                    raw.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except psycopg.Error as refused:
                return 0, f"{refused.sqlstate}: {refused}"
            return done.rowcount, ""

    def reaches(self, table: str, verb: str) -> bool:
        """Whether a statement that asks for no other right than this verb's touches what is not theirs."""
        if verb == "INSERT":
            return not self.tries(self.insert(table))[1].startswith(DENIED)
        if verb == "SELECT":
            return self.tries(f"SELECT 1 FROM {table}{self.not_mine(table)}")[0] > 0
        column = self.plain_column(table)
        statement = f"DELETE FROM {table}" if verb == "DELETE" else f'UPDATE {table} SET "{column}" = DEFAULT'
        rows, refused = self.tries(statement)
        # A trigger or a constraint speaks only of rows that the policy let through.
        return rows > 0 or (bool(refused) and "permission denied" not in refused)

    def insert(self, table: str) -> str:
        """A row on a foreign case; whatever else is missing in it is asked about only after the policy."""
        ids = {"id": self.new_id(table), "case_id": str(next(self.world.all())), "by_id": str(self.id)}
        return f"INSERT INTO {table} SELECT (json_populate_record(null::{table}, '{json.dumps(ids)}')).*"

    def new_id(self, table: str) -> str:
        """An id of the kind that the table's are: what cannot be read at all is refused before any policy is asked."""
        question = "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = 'id'"
        return str(uuid4()) if owner.rows(question, table) in ([("uuid",)], []) else "999999"

    def not_mine(self, table: str) -> str:
        mine = {"relocation_ledgerentry": "actor_id", "relocation_casegrant": "user_id", "relocation_outbox": "originator_id"}
        return f" WHERE {mine[table]} IS DISTINCT FROM '{self.id}'" if table in mine else ""

    def plain_column(self, table: str) -> str:
        """A column that no trigger watches, so that the policy alone decides."""
        question = """SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name NOT IN
                      ('id', 'case_id', 'by_id', 'stage', 'standing') ORDER BY is_nullable DESC, 1 LIMIT 1"""
        return str(owner.rows(question, table)[0][0])


Attack = Callable[[Attacker, str, UUID], bool]


def happened(outcome: tuple[int, str]) -> bool:
    return outcome[0] > 0 and not outcome[1]


def graph(by: Attacker, table: str, case_id: UUID) -> bool:
    return happened(by.tries(f"UPDATE relocation_case SET stage = 'closed' WHERE id = '{by.world.one(Stage.DECLINED)}'",
                             f"UPDATE relocation_case SET stage = 'resettled' WHERE id = '{case_id}'"))  # fmt: skip


def witness(by: Attacker, table: str, case_id: UUID) -> bool:
    return happened(by.tries(f"UPDATE relocation_case SET standing = 'on_hold' WHERE id = '{case_id}'", commits=True))


def born(by: Attacker, table: str, case_id: UUID) -> bool:
    again = f"UPDATE relocation_case SET created_by_id = '{by.id}', born_in = pg_current_xact_id()::text::bigint"
    return happened(by.tries(f"{again} WHERE id = '{case_id}'", f"SELECT 1 WHERE harbour_newborn('{case_id}')"))


def touch(by: Attacker, table: str, case_id: UUID) -> bool:
    """Not an attack but a promise: what a list shows follows the case. Reads as noticed when it does not."""
    moved = f"UPDATE relocation_case SET standing = 'on_hold' WHERE id = '{case_id}'"
    return by.tries(moved, f"SELECT 1 FROM relocation_casegrant WHERE case_id = '{case_id}' AND standing <> 'on_hold'")[0] > 0


def copy(by: Attacker, table: str, case_id: UUID) -> bool:
    """Whoever is let in says of the case what it is not."""
    return (
        by.tries(given(by, case_id), f"SELECT 1 FROM relocation_casegrant WHERE case_id = '{case_id}' AND stage = 'referred'")[0]
        > 0
    )


def turn(by: Attacker, table: str, case_id: UUID) -> bool:
    """A grant that is given out of turn."""
    held = "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
    return by.tries(given(by, case_id), held)[0] > 0


def given(by: Attacker, case_id: UUID) -> str:
    return f"""INSERT INTO relocation_casegrant (user_id, permission_id, case_id, scope, granted_by_id, granted_at, expires_at,
        last_activity_at, stage, standing) SELECT '{by.world["pierre"].pk}', id, '{case_id}', gen_random_uuid(), '{by.id}', now(),
        now() + interval '1 day', now(), 'referred', 'active' FROM auth_permission WHERE codename = 'embassy'"""


def chain(by: Attacker, table: str, case_id: UUID) -> bool:
    """An entry that numbers, times and hashes itself."""
    entry = f"""INSERT INTO relocation_ledgerentry
        (id, case_id, seq, at, actor_id, what, stage, standing, detail, txid, prev, hash)
        VALUES (gen_random_uuid(), '{case_id}', 9999999, '2001-01-01', '{by.id}', 'step.hold', '', '', '', 1, '', '')"""
    return by.tries(entry, f"SELECT 1 FROM relocation_ledgerentry WHERE case_id = '{case_id}' AND seq = 9999999")[0] > 0


def envelope(by: Attacker, table: str, case_id: UUID) -> bool:
    """Who wrote a row, told anew: by the servers' superuser, whom no row policy holds, so that the trigger alone decides."""
    return any(_as_superuser(f"UPDATE {table} SET {change}") for change in (f"by_id = '{by.world['charlie'].pk}'", OTHER_ID))


OTHER_ID = "id = gen_random_uuid()"


def _as_superuser(statement: str) -> bool:
    with owner.connect(user="postgres") as raw, raw.transaction(force_rollback=True):
        try:
            done = raw.execute(statement)
        except psycopg.Error:
            return False
        return done.rowcount > 0


def card(by: Attacker, table: str, case_id: UUID) -> bool:
    """The verifier, who reads the card, changes the alias."""
    verifier = Attacker("tomas", by.world)
    return happened(verifier.tries(f"UPDATE relocation_case SET alias = 'Crow' WHERE id = '{case_id}'"))


def word(by: Attacker, table: str, case_id: UUID) -> bool:
    """A second person's word, given by nobody but the one who asks."""
    longer = "UPDATE relocation_approval SET expires_at = expires_at + interval '1 year'"
    return happened(by.tries(f"{longer} WHERE case_id = '{case_id}' AND by_id = '{by.id}'"))


def station(by: Attacker, table: str, case_id: UUID) -> bool:
    """An account that holds an office, made by somebody who has signed in."""
    crow = json.dumps({"id": str(uuid4()), "username": "crow", "offices": ["auditor"]})
    like = f"SELECT (json_populate_record(a, '{crow}')).* FROM relocation_account a WHERE username = 'vera'"
    return happened(by.tries(f"INSERT INTO relocation_account {like}"))


def secret(by: Attacker, table: str, case_id: UUID) -> bool:
    """Somebody else's password."""
    return happened(by.tries("UPDATE relocation_account SET password = '!' WHERE username = 'tomas'"))


def told_anew(by: Attacker, table: str, case_id: UUID) -> bool:
    """A grant that ends and says that it was for something else."""
    anew = "UPDATE relocation_casegrant SET scope = gen_random_uuid(), expires_at = statement_timestamp()"
    return happened(by.tries(f"{anew} WHERE case_id = '{case_id}' AND user_id = '{by.id}'"))


def bar_ends(by: Attacker, table: str, case_id: UUID) -> bool:
    """Whom the person bars stays."""
    whom = by.world["tomas"].pk
    row = f"(gen_random_uuid(), '{case_id}', '{by.id}', '{whom}')"
    bar = f"INSERT INTO relocation_bar (id, case_id, by_id, about) VALUES {row}"
    return by.tries(bar, live(case_id, whom))[0] > 0


def live(case_id: UUID, whom: UUID) -> str:
    grants = f"SELECT 1 FROM relocation_casegrant WHERE case_id = '{case_id}' AND user_id = '{whom}'"
    return f"{grants} AND expires_at > statement_timestamp()"


def consent_ends(by: Attacker, table: str, case_id: UUID) -> bool:
    """A partner stays although the person took their consent back."""
    whom, mara = by.world["charlie"], by.world["mara"].pk
    consent = f"""INSERT INTO relocation_consent (id, case_id, by_id, purpose, given, organisation_id, data, language, given_on,
        expires_on) VALUES
        (gen_random_uuid(), '{case_id}', '{by.id}', 'partner', 'person', '{whom.organisation_id}', '{{}}', 'en',
        current_date, current_date + 99)"""
    grant = f"""INSERT INTO relocation_casegrant (user_id, permission_id, case_id, scope, granted_by_id, granted_at, expires_at,
        last_activity_at, stage, standing) SELECT '{whom.pk}', id, '{case_id}', '{case_id}', '{mara}', now(),
        now() + interval '1 day', now(), 'referred', 'active' FROM auth_permission WHERE codename = 'worker'"""
    back = f"UPDATE relocation_consent SET withdrawn_on = current_date WHERE purpose = 'partner' AND case_id = '{case_id}'"
    acts = "SELECT set_config('harbour.actor', '{}', true)"
    return by.tries(consent, acts.format(mara), grant, acts.format(by.id), back, live(case_id, whom.pk))[0] > 0


def seat(by: Attacker, table: str, case_id: UUID) -> bool:
    """A seat that the leg does not have."""
    return happened(by.tries(f"UPDATE logistics_seat SET number = 99 WHERE case_id = '{case_id}'"))


def leg_moved(by: Attacker, table: str, case_id: UUID) -> bool:
    """An escort goes on knowing of a leg that arrives a day earlier."""
    leg, way, ends = uuid4(), uuid4(), "statement_timestamp() + interval '60 hours'"
    made = f"""INSERT INTO logistics_leg (id, by_id, mode, carrier, number, from_place, to_place, from_zone, to_zone, crossing,
        departs_at, arrives_at, seats, needs_manifest) VALUES ('{leg}', '{by.id}', 'car', '', '', 'A', 'B', 'UTC', 'UTC', 'none',
        now(), now() + interval '48 hours', 2, false)"""
    planned = f"""INSERT INTO logistics_passage (id, case_id, by_id, purpose, state, alone_by_choice, needs_exit_permission)
        VALUES ('{way}', '{case_id}', '{by.id}', 'extraction', 'confirmed', false, false)"""
    sits = f"""INSERT INTO logistics_seat (id, case_id, by_id, passage_id, leg_id, number, progress)
        VALUES (gen_random_uuid(), '{case_id}', '{by.id}', '{way}', '{leg}', 1, 'waiting')"""
    otto = by.world["otto"].pk
    grant = f"""INSERT INTO relocation_casegrant (user_id, permission_id, case_id, scope, granted_by_id, granted_at, expires_at,
        last_activity_at, stage, standing) SELECT '{otto}', id, '{case_id}', '{leg}', '{by.id}', now(),
        now() + interval '60 hours', now(), 'referred', 'active' FROM auth_permission WHERE codename = 'escort'"""
    earlier = f"UPDATE logistics_leg SET arrives_at = now() + interval '24 hours' WHERE id = '{leg}'"
    knows = f"SELECT 1 FROM relocation_casegrant WHERE scope = '{leg}' AND expires_at > {ends} - interval '1 hour'"
    return by.tries(made, planned, sits, grant, earlier, knows)[0] > 0


def watch(by: Attacker, table: str, case_id: UUID) -> bool:
    """Somebody opens many cases in one hour, and is not locked out."""
    many = f"""INSERT INTO relocation_ledgerentry
        (id, case_id, seq, at, actor_id, what, stage, standing, detail, txid, prev, hash)
        SELECT gen_random_uuid(), gen_random_uuid(), 1, now(), '{by.id}', 'view.desk.case', '', '', '', 1, '', ''
        FROM generate_series(1, 200)"""
    return by.tries(many, f"SELECT 1 FROM relocation_account WHERE id = '{by.id}' AND is_active")[0] > 0


def house_locked(by: Attacker, table: str, case_id: UUID) -> bool:
    """A house that a coordinator locks goes on taking people."""
    house = by.world.ground.houses["Elm"].pk
    lock = f"SELECT harbour_lock(gen_random_uuid(), 'house', '{house}', 'Elm', NULL)"
    return Attacker("mara", by.world).tries(lock, f"SELECT 1 FROM shelters_house WHERE id = '{house}' AND is_open")[0] > 0


def grants_locked(by: Attacker, table: str, case_id: UUID) -> bool:
    """A case that its coordinator locks is still read by whoever works on it."""
    lock = f"SELECT harbour_lock(gen_random_uuid(), 'case', '{case_id}', 'K', NULL)"
    acts = "SELECT set_config('harbour.actor', '{}', true)"
    locked = (acts.format(by.world["mara"].pk), lock, "SET CONSTRAINTS ALL IMMEDIATE", acts.format(by.id))
    return by.tries(*locked, f"SELECT 1 FROM relocation_case WHERE id = '{case_id}'")[0] > 0


def account_kept(by: Attacker, table: str, case_id: UUID) -> bool:
    """One person opens the account that was locked, shuts a colleague's, or has what wakes somebody on call sent elsewhere."""
    tomas, mara = by.world["tomas"].pk, Attacker("mara", by.world)
    lock = f"SELECT harbour_lock(gen_random_uuid(), 'account', '{tomas}', 'Tomas', NULL)"
    changes = ("is_active = false", "email = 'else@example.org'", "ended = ended + 1")
    return happened(mara.tries(lock, f"UPDATE relocation_account SET is_active = true WHERE id = '{tomas}'")) or any(
        happened(Attacker(name, by.world).tries(f"UPDATE relocation_account SET {change} WHERE id = '{tomas}'"))
        for change in changes for name in ("mara", "charlie")
    )  # fmt: skip


ATTACKS: dict[str, Attack] = {
    "graph": graph, "witness": witness, "born": born, "touch": touch, "copy": copy, "chain": chain, "envelope": envelope,
    "turn": turn,
    "secret": secret, "given": told_anew, "bar_ends": bar_ends, "consent_ends": consent_ends,
    "card": card, "word": word, "station": station, "seat": seat, "watch": watch, "house_locked": house_locked,
    "leg_moved": leg_moved, "account_kept": account_kept,
    "grants_locked": grants_locked,
}  # fmt: skip
