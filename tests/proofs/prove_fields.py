"""G4: what each role's pages may tell without a reason, by hand from journey.md; and what it may not write."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from fiction.telling import as_
from relocation.models import Stage
from relocation.safety import access
from relocation.safety.policy import Role
from tests.proofs import owner
from tests.proofs.addresses import of_case, of_nobody
from tests.proofs.canaries import told_by
from tests.proofs.design import ALONE, OWN, ROLES, held
from tests.proofs.matrix import Matrix, SignIn, unlike
from tests.proofs.tally import QUICK, Tally, guarantee, scale
from tests.proofs.world import World

pytestmark = [guarantee("G4"), pytest.mark.usefixtures("lasting")]
# What any role may cause: an alarm, the deadline by which it is settled, the bell, who is woken by it.
EVERYBODY_WRITES = {"relocation_alarm", "relocation_deadline", "relocation_outbox", "relocation_casegrant", "relocation_case",
                    "logistics_checkin"}  # fmt: skip
# What one role writes besides: whom the person bars, that somebody looked for doubles, the link of a file that they may read.
ALSO_WRITES = {
    "lawyer": {"relocation_bar", "relocation_filelink"},
    "verifier": {"relocation_bar", "relocation_duplicatecheck", "relocation_filelink"},
}
STATES = (Stage.LODGED,) if QUICK else (Stage.VERIFYING, Stage.EXTRACTING, Stage.SHELTERED, Stage.LODGED, Stage.TRAVELLING)
READERS = ("host", "escort", "clinician", "lawyer", "embassy", "receiver", "verifier")


def holder(world: World, role: str, case_id: Any) -> Any:
    """Somebody who holds this role on the case and no other: one of the cast, or Sven, let in for the while."""
    cast = {"lead": "vera", "coordinator": "mara", "verifier": "tomas", "host": "hanna", "escort": "otto", "embassy": "elise"}
    if role in cast:
        return world[cast[role]]
    with as_(world["greta"]) as greta:
        until = timezone.now() + timedelta(hours=1)
        access.admit(world["sven"], Role(role), case_id, by=greta, reason="has a part", until=until, scope=case_id)
    return world["sven"]


def let_go(world: World, role: str, account: Any, case_id: Any) -> None:
    if account.username == "sven":
        with as_(world["greta"]) as greta:
            access.dismiss(account, Role(role), case_id, by=greta, scope=case_id)


def test_no_page_tells_a_role_more_than_it_needs(world: World, signed_in: SignIn, tally: Tally) -> None:
    """HTML with its hidden fields, JSON, PDF, CSV: every answer to a plain look, searched for every word of the case."""
    tally.count("leaks", 0)
    for state in STATES:
        case_id = world.one(state)
        for role in set(ROLES) - ALONE:
            account = holder(world, role, case_id)
            client = signed_in(account)
            allowed = held(ROLES[role][0]) | held(OWN.get(role, ""))
            for address in [*of_case(case_id)[:: scale(1, 3)], *([] if QUICK and account.username != "hanna" else of_nobody())]:
                if address.route in ("/leave", "/sign-out/"):
                    continue
                told = world.canaries.found_in(told_by(client.get(address.path)))
                wrong = [c.place for c in told if c.about == case_id and c.compartment not in allowed]
                tally.check(not wrong, f"{role} at {address.path}: {wrong}")
                tally.count("leaks", len(wrong))
            let_go(world, role, account, case_id)
    tally.count("roles", len(ROLES))


def test_what_a_role_may_not_write_it_does_not_write(world: World, signed_in: SignIn, tally: Tally) -> None:
    """Each form of the lead, filled in and sent by somebody who only reads."""
    case_id = world.one(Stage.LODGED)
    matrix = Matrix(world, signed_in)
    sent = [one for one in unlike(matrix.sendings(of_case(case_id))) if "/deadlines/" not in one.path][:: scale(1, 3)]
    for role in READERS[:3] if QUICK else READERS:
        account = holder(world, role, case_id)
        client, before = signed_in(account), owner.digests()
        for path, data in sent:
            own = path.startswith({"embassy": "/embassy/", "host": "/host/", "escort": "/escort/"}.get(role, "none"))
            if own or (role == "verifier" and any(word in path for word in ("claim", "corroboration", "risk"))):
                continue
            answer = client.post(path, data)
            tally.check(answer.status_code < 500, f"{role} sent {path}: {answer.status_code}")
        wrong = set(owner.changed(before)) - EVERYBODY_WRITES - ALSO_WRITES.get(role, set())
        tally.check(not wrong, f"{role} changed {sorted(wrong)}")
        let_go(world, role, account, case_id)
