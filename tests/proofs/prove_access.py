"""G7: access ends at the next request, whichever way it ends; and (G8) nobody lets himself in, by whichever door."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from conftest import BOTH
from fiction import pictures
from relocation.jobs.tasks import perform
from relocation.journey import bars, custody, leaving, people, recording, transfer
from relocation.journey.referring import assign
from relocation.models import Account, CaseGrant, Consent, Document, LedgerEntry, Outbox, Post
from relocation.models.outbox import put
from relocation.safety import access
from relocation.safety.policy import FOR_ONE, Role
from relocation.safety.refusal import Refusal
from tests.proofs.tally import Tally, guarantee, scale
from tests.safety.committed import as_, kestrel, referred, undone
from tests.safety.raw import sql

__all__ = ["kestrel", "referred"]
pytestmark = pytest.mark.django_db(transaction=True, databases=BOTH)

JPEG = b"\xff\xd8\xff"
PAGES = ("", "people/", "documents/", "papers/", "records/consent/", "household/", "reveal/identity/", "bars/", "?access")


def consent(case, by, organisation=None, purpose="handover", **more):
    """Something that the person agreed to, from today for 30 days."""
    today = timezone.localdate()
    given = Consent(case=case, by=by, purpose=purpose, organisation=organisation, given_on=today, **more)
    given.expires_on, given.words = today + timedelta(days=30), "by phone"
    given.save(force_insert=True)
    return given


def holder(case, account, role, by):
    with as_(by):
        return CaseGrant.objects.select_related("user", "permission").get(
            content_object_id=case.pk, user=account, permission__codename=role
        )


class Ways:
    """Every way by which Tomas, a worker, loses his access to Kestrel."""

    def __init__(self, case, ground) -> None:
        self.case, self.ground = case, ground

    def by_the_coordinator(self) -> None:
        grant = holder(self.case, self.ground["tomas"], Role.WORKER, self.ground["mara"])
        with as_(self.ground["mara"]) as mara:
            people.end(grant, by=mara)

    def by_the_custodian(self) -> None:
        with as_(self.ground["greta"]) as greta:
            custody.end([h for h in custody.circles(greta) if h.account.username == "tomas"], by=greta)

    def by_the_person(self) -> None:
        with as_(self.ground["vera"]) as vera:
            bars.bar(self.case, by=vera, about=self.ground["tomas"].pk, words="he knows my brother")

    def by_leaving(self) -> None:
        tomas, nina = self.ground["tomas"], self.ground["nina"]
        with as_(self.ground["greta"]) as greta:
            leaving.hand_over(leaving.plan(tomas, nina, by=greta), nina, by=greta, reason="moves away")

    def by_transfer(self) -> None:
        with as_(self.ground["vera"]) as vera:
            consent(self.case, vera, self.ground["charlie"].organisation)
        with as_(self.ground["mara"]) as mara:
            offered = transfer.offer(self.case, self.ground["charlie"], by=mara, words="One person.")
        with as_(self.ground["charlie"]) as charlie:
            transfer.accept(offered.pk, by=charlie)

    def by_the_clock(self) -> None:
        with as_(self.ground["mara"]) as mara:
            access.dismiss(self.ground["tomas"], Role.WORKER, self.case.pk, by=mara)
            soon = timezone.now() + timedelta(milliseconds=600)
            access.admit(self.ground["tomas"], Role.WORKER, self.case.pk, by=mara, reason="a moment", until=soon)
        time.sleep(0.7)

    def by_closing_the_account(self) -> None:
        Account.objects.filter(pk=self.ground["tomas"].pk).update(is_active=False)


WAYS = [name for name in vars(Ways) if name.startswith("by_")]


@guarantee("G7")
@pytest.mark.parametrize("way", WAYS[:: scale(1, 2)])
def test_an_open_session_and_an_issued_link_end_with_the_grant(kestrel, ground, signed_in, tally: Tally, way: str) -> None:
    with as_(ground["mara"]) as mara:
        access.dismiss(ground["tomas"], Role.VERIFIER, kestrel.pk, by=mara)
        access.admit(ground["tomas"], Role.WORKER, kestrel.pk, by=mara, reason="works on documents")
    with as_(ground["vera"]) as vera:
        document = recording.write(Document(case=kestrel, kind="passport"), by=vera)
        scan = recording.add_scan(document, pictures.photograph(), by=vera)
    file = f"/cases/{kestrel.pk}/documents/{document.pk}/scans/{scan.pk}/"
    addresses = [f"/cases/{kestrel.pk}/{page}" for page in PAGES]
    browser = signed_in(ground["tomas"])
    for address in addresses:
        tally.check(browser.get(address).status_code == 200, f"{address} did not open before")
    tally.check(_is_told(browser.post(file, follow=True)), "the file did not open before")
    issued = browser.post(file)["Location"]
    getattr(Ways(kestrel, ground), way)()
    told = {address: _is_told(browser.get(address)) for address in [*addresses, issued]}
    told[file] = _is_told(browser.post(file, follow=True))
    for address, still in told.items():
        tally.check(not still, f"{way}: {address} still opened")
    tally.count("extra requests", sum(told.values()))


def _is_told(answer) -> bool:
    """Whether an answer is a page of the case or the file itself."""
    led_away = getattr(answer, "redirect_chain", ())
    return answer.content.startswith(JPEG) or b"Kestrel" in answer.content or (answer.status_code == 200 and not led_away)


@guarantee("G7")
def test_a_queued_job_asks_again(kestrel, ground, tally: Tally) -> None:
    for number in range(scale(6, 2)):
        with as_(ground["mara"]) as mara:
            assign(kestrel.pk, ground["vera"], by=mara, reason="leads")
        with as_(ground["vera"]) as vera:
            agreed = consent(kestrel, vera, None, "share", post=Post.objects.first(), data=["identity", "claim", "documents"])
            put("consent_withdrawn", by=vera, key=f"late {number}", consent=agreed.pk, case=kestrel.pk)
        with as_(ground["mara"]) as mara:
            assign(kestrel.pk, ground["nina"], by=mara, reason="Vera is away")
        job = _job(f"consent_withdrawn:late {number}")
        perform(job.pk)
        job = _job(f"consent_withdrawn:late {number}")
        tally.check(job.done_at and job.failed == "denied", f"the job did what nobody may: {job.failed}")
        with as_(ground["mara"]):
            denied = LedgerEntry.objects.filter(case_id=kestrel.pk, what__startswith="denied", actor_id=ground["vera"].pk)
            tally.check(denied.count() == number + 1, "the ledger does not have it")
    tally.count("extra requests", 0)


def _job(key: str) -> Outbox:
    from relocation.models import system_account
    from relocation.safety.actor import acting_as

    with acting_as(system_account("outbox")), transaction.atomic():
        return Outbox.objects.get(key=key)


INSERT = (
    "INSERT INTO relocation_casegrant (user_id, permission_id, case_id, scope, granted_by_id, expires_at, stage, standing) "
    "SELECT %s, id, %s, %s, %s, now() + interval '1 day', 'referred', 'active' FROM auth_permission "
    "WHERE codename = %s"
)


def attempts(me: Account, case_id: uuid.UUID, giver: Account) -> list[Callable[[], object]]:
    """Everything by which somebody might let himself in, through the doors and beneath them."""
    held = custody.Circle(case_id, "", [])
    until, this = timezone.now() + timedelta(days=1), str(case_id)
    found: list[Callable[[], object]] = []
    for role in Role:
        scope = uuid.uuid4() if role in FOR_ONE else None
        found += [
            partial(access.admit, me, role, case_id, by=me, reason="x", until=until, scope=scope),
            partial(access.admit, me, role, case_id, by=giver, reason="x", until=until, scope=uuid.uuid4()),
            partial(custody.let_in, held, me, role, by=me, reason="x"),
            partial(sql, INSERT, me.pk, this, this, me.pk, role),
            partial(sql, INSERT, me.pk, this, str(uuid.uuid4()), giver.pk, role),
        ]
    return [
        *found,
        lambda: assign(case_id, me, by=me, reason="x"),
        lambda: sql("UPDATE relocation_casegrant SET user_id = %s WHERE case_id = %s", me.pk, this),
        lambda: sql("UPDATE relocation_casegrant SET expires_at = now() + interval '9 years' WHERE user_id = %s", me.pk),
        lambda: sql("UPDATE relocation_case SET created_by_id = %s, born_in = pg_current_xact_id()::text::bigint", me.pk),
        lambda: sql("UPDATE relocation_account SET offices = '{custodian}' WHERE id = %s", me.pk),
        lambda: sql("UPDATE relocation_account SET organisation_id = %s WHERE id = %s", giver.organisation_id, me.pk),
        lambda: sql("SELECT harbour_accept(t.id, gen_random_uuid(), NULL) FROM relocation_transfer t"),
        lambda: sql("SELECT harbour_accept(%s, gen_random_uuid(), NULL)", this),
        lambda: sql("SELECT harbour_note(%s, 'grant.given', %s, 'lead')", this, me.pk),
        lambda: sql("SELECT harbour_let_all_go(%s)", me.pk),
        lambda: leaving.hand_over(leaving.plan(giver, me, by=me), me, by=me, reason="x"),
        lambda: sql("UPDATE relocation_transfer SET to_id = %s, state = 'accepted'", me.pk),
    ]


@guarantee("G8")
def test_nobody_lets_himself_in(kestrel, ground, tally: Tally) -> None:
    with as_(ground["vera"]) as vera:
        consent(kestrel, vera, ground["charlie"].organisation)
    with as_(ground["mara"]) as mara:
        transfer.offer(kestrel, ground["charlie"], by=mara, words="One person.")
    for name in ("greta", "charlie", "tomas", "vera", "mara", "nina", "anton", "hanna", "otto", "elise")[: scale(10, 5)]:
        tally.count("let in", let_in(kestrel, ground, tally, name))


def let_in(kestrel, ground, tally: Tally, name: str) -> int:
    """How often somebody lets himself in who tries everything; each attempt is taken back."""
    me, giver = ground[name], ground["vera" if name == "mara" else "mara"]
    offers = name == "charlie"  # to whom the case is rightly offered: his own acceptance is not among the attempts
    before, opened = _live(me, kestrel), 0
    for attempt in attempts(me, kestrel.pk, giver):
        with as_(me), undone():
            try:
                with transaction.atomic():
                    attempt()
            except (Refusal, DatabaseError):
                pass
            now = _live_here(me, kestrel)
        rightly = offers and now - before == {Role.COORDINATOR}
        opened += bool(now - before) and not rightly
        tally.check(not now - before or rightly, f"{name} let himself in: {now - before}")
    return opened


def _live(account: Account, case) -> set[str]:
    with as_(account):
        return _live_here(account, case)


def _live_here(account: Account, case) -> set[str]:
    """Roles that the account holds now, as the database knows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.codename FROM relocation_casegrant g JOIN auth_permission p ON p.id = g.permission_id "
            "WHERE g.user_id = %s AND g.case_id = %s AND g.expires_at > clock_timestamp() + interval '1 second'",
            [account.pk, case.pk],
        )
        return {row[0] for row in cursor.fetchall()}
