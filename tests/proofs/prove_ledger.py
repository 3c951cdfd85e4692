"""G35 and G37: every look and every refusal is written down once, with its reason; and the ledger names nobody."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.urls import NoReverseMatch, reverse

from config.owner import as_owner
from conftest import BOTH
from relocation.desk.record_kinds import KINDS
from relocation.jobs import anchoring, auditing
from relocation.journey.stages import STEPS
from relocation.models import LedgerEntry, Stage
from relocation.safety import access, vault
from relocation.safety.actor import acting_as
from relocation.safety.sealed import unseal
from tests.proofs.addresses import routes
from tests.proofs.canaries import told_by
from tests.proofs.tally import Tally, guarantee, scale

PARTS = {"kind": [*KINDS, "identity", "location"], "step": [str(step) for step in STEPS]}
PORTALS = ("portal:", "office:", "public")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    settings.HARBOUR_ANCHOR_FOLDER = str(tmp_path)
    return tmp_path


def pages(case_id) -> Iterator[str]:
    """Every address of a case that needs no other id."""
    for name, asked in sorted({(name, tuple(sorted(asked))) for name, asked in _named()}):
        for parts in [{}] if asked == ("case_id",) else [{asked[-1]: value} for value in PARTS.get(asked[-1], [])]:
            try:
                yield reverse(name, kwargs={"case_id": case_id, **parts})
            except NoReverseMatch:
                continue


def _named() -> Iterator[tuple[str, list[str]]]:
    from django.urls import get_resolver

    spaces = {"": get_resolver(), **{space: found for space, (_prefix, found) in get_resolver().namespace_dict.items()}}
    for space, found in spaces.items():
        for _path, route in routes(found):
            asked = list(route.pattern.converters)
            policy = getattr(route.callback, "policy", "")
            if route.name and "case_id" in asked and len(asked) <= 2 and not policy.startswith(PORTALS):
                yield f"{space}:{route.name}" if space else route.name, asked


def written(case_id=None, **which) -> Counter[str]:
    """What the ledger says, as the owner of the tables, from whom nothing is hidden."""
    found = LedgerEntry.objects.filter(**({"case_id": case_id} if case_id else {}) | which)
    return Counter(found.values_list("what", flat=True))


@contextmanager
def seen_by(account) -> Iterator[None]:
    with acting_as(account.pk), transaction.atomic():
        yield


@guarantee("G35")
def test_every_page_of_a_case_is_written_once_for_each_look(world, signed_in, tally: Tally) -> None:
    browser, vera, anton, looks = signed_in(world["vera"]), world["vera"], world["anton"], 0
    for state in [*Stage][: scale(len(Stage), 2)]:
        case_id = world.one(state)
        for page in pages(case_id):
            with acting_as(anton.pk):
                before = written(case_id, actor_id=vera.pk)
            answer = browser.get(page)
            with acting_as(anton.pk):
                new = written(case_id, actor_id=vera.pk) - before
            views = sum(n for what, n in new.items() if what.startswith(("view.", "export.")))
            held = views == (answer.status_code == 200) if answer.status_code < 400 else _refused(new) == 1
            held = not new if answer.status_code == 405 else held  # a door that is only pressed shows nothing
            looks += tally.check(held, f"{page}: {answer.status_code}, {dict(new)}") and views
    tally.check(looks > 50, f"only {looks} pages were looked at")
    tally.count("looks", looks)


def _refused(new: Counter[str]) -> int:
    return sum(n for what, n in new.items() if what.startswith(("denied.", "refused.", "blocked.", "stale.")))


@guarantee("G35")
def test_every_refusal_stays_when_its_request_is_undone(world, lasting, signed_in, tally: Tally) -> None:
    charlie, anton = world["charlie"], world["anton"]
    browser, case_id = signed_in(charlie), world.one(Stage.EXTRACTING)
    for page in pages(case_id):
        for ask in (browser.get, browser.post):
            with seen_by(anton):
                before = written(case_id, actor_id=charlie.pk)
            answer = ask(page)
            with seen_by(anton):
                new = written(case_id, actor_id=charlie.pk) - before
            tally.check(answer.status_code == 404 and new.total() == 1 == _refused(new), f"{page}: {dict(new)}")


@guarantee("G35")
def test_steps_and_grants_are_as_many_as_their_entries_and_grants_have_reasons(world, tally: Tally, lasting) -> None:
    with as_owner("default"):
        for case_id in world.all():
            told = written(case_id)
            with connection.cursor() as cursor:
                version = cursor.execute("SELECT version FROM relocation_case WHERE id = %s", [case_id]).fetchone()[0]
            steps = sum(n for what, n in told.items() if what.startswith("step."))
            tally.check(steps == version, f"{steps} steps written, {version} taken")
            grants = access.CaseGrant.ever.filter(content_object_id=case_id).count()
            tally.check(told["grant.given"] == grants, f"{told['grant.given']} grants written, {grants} given")
            silent = LedgerEntry.objects.filter(case_id=case_id, what="grant.given", reason__isnull=True).count()
            tally.check(not silent, f"{silent} grants without a reason")


@guarantee("G35")
def test_a_reveal_and_a_file_that_leaves_are_written_once_with_the_reason(world, signed_in, tally: Tally) -> None:
    vera, anton = world["vera"], world["anton"]
    browser = signed_in(vera)
    for state in [*Stage][: scale(len(Stage), 2)]:
        case_id = world.one(state)
        page = reverse("desk:reveal", kwargs={"case_id": case_id, "kind": "identity"})
        keys = [key for key, _label in browser.get(page).context["form"].fields["what"].choices]
        for reason in ("", "her brother rang"):
            with acting_as(anton.pk):
                before = written(case_id, actor_id=vera.pk)
            browser.post(page, {"reason": reason, "what": keys})
            with acting_as(anton.pk):
                new = written(case_id, actor_id=vera.pk) - before
                unreasoned = LedgerEntry.objects.filter(case_id=case_id, what__startswith="reveal.identity", reason__isnull=True)
                tally.check(not unreasoned.exists(), f"{state}: a reveal without a reason")
            reveals = {what: n for what, n in new.items() if what.startswith("reveal.")}
            right = sum(reveals.values()) == len(keys) > 0 if reason else not reveals
            tally.check(right, f"{state}, reason {reason!r}: {reveals} of {len(keys)}")
    with acting_as(anton.pk):
        before = written(anton.pk)
    signed_in(anton).get("/ledger/export/")
    with acting_as(anton.pk):
        new = written(anton.pk) - before
    tally.check(new == Counter({"export.desk.ledger_export": 1}), f"the ledger's own file: {dict(new)}")


@guarantee("G35")
def test_where_nothing_can_be_written_nothing_is_shown(world, lasting, signed_in, tally: Tally) -> None:
    case_id, browser = world.one(Stage.EXTRACTING), signed_in(world["vera"])
    browser.raise_request_exception = False
    told = [canary.word.encode() for canary in world.canaries.of(case_id)]
    with _ledger_is_shut():
        for page in pages(case_id):
            answer = browser.get(page)
            shown = [word for word in told if word in told_by(answer).lower()]
            opened = answer.status_code == 200 or shown
            tally.check(not opened, f"{page}: {answer.status_code}, {len(shown)} words")
    tally.check(browser.get(reverse("desk:case", args=[case_id])).status_code == 200, "it does not open again")


@contextmanager
def _ledger_is_shut() -> Iterator[None]:
    """The app may not add to the ledger, whatever the reason is on a bad day."""
    for verb, to in (("REVOKE", "FROM"), ("GRANT", "TO")):
        with as_owner("default"), connection.cursor() as cursor:
            cursor.execute(f"{verb} INSERT ON relocation_ledgerentry {to} harbour_app")
        if verb == "REVOKE":
            try:
                yield
            except BaseException:
                with as_owner("default"), connection.cursor() as cursor:
                    cursor.execute("GRANT INSERT ON relocation_ledgerentry TO harbour_app")
                raise


@guarantee("G37")
def test_no_column_tells_anything_about_anybody(world, signed_in, folder: Path, tally: Tally) -> None:
    anton = world["anton"]
    made = anchoring.make()
    page, table = signed_in(anton).get("/ledger/"), signed_in(anton).get("/ledger/export/")
    with acting_as(anton.pk), connection.cursor() as cursor:
        cursor.execute("SELECT e::text, e.reason FROM relocation_ledgerentry e")
        rows = [(text.encode(), bytes(reason or b"")) for text, reason in cursor.fetchall()]
    leaks = 0
    for text, reason in rows:
        found = world.canaries.found_in(text, reason)
        leaks += not tally.check(not found, f"{text!r}: {[canary.place for canary in found]}")
    for name, told in (("page", told_by(page)), ("table", told_by(table)), ("anchor", made.text().encode())):
        found = world.canaries.found_in(told)
        leaks += not tally.check(not found, f"the {name}: {[canary.place for canary in found]}")
    tally.check(len(rows) > 100 and any(reason for _text, reason in rows), "hardly anything was written")
    tally.count("leaks", leaks)


@pytest.mark.django_db(databases=BOTH)
@guarantee("G37")
def test_it_holds_when_every_case_is_erased_and_no_reason_can_be_read(world, folder: Path, tally: Tally) -> None:
    anton = world["anton"]
    anchoring.make()
    for case_id in world.all():
        vault.shred(case_id)
    with acting_as(anton.pk):
        tally.check(auditing.audit(folder).holds, "the chains do not hold after erasure")
        for entry in LedgerEntry.objects.filter(case_id__in=[*world.all()], reason__isnull=False):
            tally.check(_is_gone(entry), f"{entry} can still be read")


def _is_gone(entry: LedgerEntry) -> bool:
    try:
        unseal(entry, "reason")
    except vault.Gone:
        return True
    return False
