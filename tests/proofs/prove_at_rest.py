"""G18, G41 and G43: what lies on the disks, waits in the queue, stands in logs and leaves by mail says nothing."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core import mail
from django.test import override_settings

from config.logs import Plain
from fiction.telling import as_, do_jobs
from relocation.jobs import tasks
from relocation.journey.referring import assign
from relocation.models import Outbox, Stage
from relocation.paperwork.issue import issue
from relocation.safety import access
from relocation.safety.policy import Role
from relocation.safety.vault import sealed_fields
from relocation.safety.walls import models_on_case
from tests.proofs import owner, places
from tests.proofs.canaries import told_by
from tests.proofs.line import overheard
from tests.proofs.matrix import SignIn
from tests.proofs.tally import Tally, guarantee
from tests.proofs.telling import FORMED
from tests.proofs.world import World, fresh

pytestmark = pytest.mark.usefixtures("lasting")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}|\b\d{6,}\b")


@guarantee("G18")
def test_every_sealed_text_bears_a_canary(world: World, tally: Tally) -> None:
    """Else the sweep would search for nothing."""
    planted = {canary.place for canary in world.canaries.planted.values()}
    for model in models_on_case():
        table = model._meta.db_table
        if not owner.rows(f"SELECT 1 FROM {table} LIMIT 1"):
            tally.count("tables_without_rows")
            continue
        for field in sealed_fields(model):
            if field.name not in FORMED.get(table, ()):
                tally.check(f"{table}.{field.column}" in planted, f"no canary in {table}.{field.column}")


@guarantee("G18")
def test_the_disks_tell_nothing(world: World, tally: Tally) -> None:
    looked: set[str] = set()
    sealed = {word for word, canary in world.canaries.planted.items() if canary.sealed}
    for place, text in places.texts():
        looked.add(place.split(":")[0])
        hits = [canary.place for canary in world.canaries.found_in(text) if canary.word in sealed]
        tally.check(not hits, f"{place} tells {hits[:3]}")
        tally.count("hits", len(hits))
    tally.check({"pg_dump", "data directory", "queue", "logs"} <= looked, f"not looked at: {looked}")
    tally.count("canaries", len(sealed))
    tally.count("places", len(looked))


@guarantee("G18")
def test_the_sweep_sees_what_is_not_sealed(world: World, tally: Tally) -> None:
    """An alias stands open in the tables: the same search must find it in the dump, or it sees nothing."""
    dump = b"".join(text for _place, text in places.dumps())
    found = world.canaries.found_in(dump)
    open_words = [c for c in world.canaries.planted.values() if not c.sealed and c.place == "relocation_case.alias" and c.about]
    for canary in open_words:
        tally.check(canary in found, f"the search did not find {canary.place}")


@contextmanager
def logged() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, as the program's own formatter writes it, and as a bare one would."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(Plain().format(record))

    keep = Keep(logging.DEBUG)
    loggers = [logging.getLogger(name) for name in ("", "django", "harbour", "celery", "kombu")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(keep)
    logging.getLogger("django.request").setLevel(logging.WARNING)
    try:
        yield lines
    finally:
        logging.getLogger("django.request").setLevel(logging.CRITICAL)
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(keep)
            logger.setLevel(level)


@guarantee("G41")
@guarantee("G43")
def test_queue_logs_and_mail_carry_no_word(world: World, tally: Tally) -> None:
    """A whole journey with every job, overheard: the queue, the logs, and each mail, which is always the same."""
    with (
        override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"),
        overheard() as heard,
        logged() as lines,
    ):
        mail.outbox = []
        told = fresh(world).until(Stage.LODGED)
        told.step("compromise", "vera", reason="the neighbour asked")
        do_jobs()
        sent = list(mail.outbox)
    tally.check(heard and b"perform" in b"".join(heard), "nothing was rung")
    tally.check(not world.canaries.found_in(b"".join(heard)), "the queue tells something")
    tally.check(not world.canaries.found_in("\n".join(lines).encode()), "the logs tell something")
    bodies = {
        language: {(m.subject, m.body) for m in sent if speaks(world, m) == language} for language in ("en", "fr", "de", "ru")
    }
    tally.check(len(sent) > 3, "too few mails to compare")
    for language, words in bodies.items():
        tally.check(len(words) <= 1, f"mails in {language} differ: {words}")
    for message in sent:
        raw = message.message().as_bytes()
        tally.check(not world.canaries.found_in(raw), "a mail tells a word")
        tally.check(not ID.search(f"{message.subject} {message.body}"), f"a mail tells an id: {message.body}")
        tally.check(not message.attachments and len(message.to) == 1, "a mail with an attachment, or to several")
    tally.count("mails", len(sent))


def speaks(world: World, message: Any) -> str:
    username = message.to[0].split("@")[0]
    return str(world[username].language)


@guarantee("G41")
def test_a_job_is_ids_and_asks_again_who_may(world: World, tally: Tally) -> None:
    for kind, ids in owner.rows("SELECT kind, ids FROM relocation_outbox"):
        short = all(re.fullmatch(r"[0-9a-f-]{36}|[\w.-]{1,24}", str(value)) for value in ids.values())
        tally.check(short, f"a job of kind {kind} carries {ids}")
    tally.check(settings.CELERY_TASK_SERIALIZER == "json" and settings.CELERY_ACCEPT_CONTENT == ["json"], "not JSON alone")
    tally.check(settings.CELERY_TASK_IGNORE_RESULT, "results are kept")
    told = fresh(world).until(Stage.APPLYING)
    with as_(world["vera"]) as vera:
        application = told.application()
        paper = issue("dossier", [told.case(vera)], application.post.code, by=vera, about=application.pk, language="en")
    with as_(world["mara"]) as mara:
        access.dismiss(world["vera"], Role.LEAD, told.case_id, by=mara)
    for (pk,) in owner.rows("SELECT id FROM relocation_outbox WHERE done_at IS NULL ORDER BY id"):
        tasks.perform(pk)
    with as_(world["mara"]) as mara:
        assign(told.case_id, world["vera"], by=mara, reason="is back")  # else she would not see that its bed is taken
    made = owner.rows("SELECT state, body IS NULL FROM relocation_paper WHERE id = %s", paper.pk)
    tally.check(made[0][0] != "ready" and made[0][1], f"a paper was made for somebody let go: {made}")
    tally.check(Outbox._meta.get_field("ids").get_internal_type() == "JSONField")


@guarantee("G43")
def test_an_exception_full_of_words_leaves_none(world: World, signed_in: SignIn, tally: Tally) -> None:
    """Errors that quote what somebody typed, in every view of the desk: page and log stay silent."""
    words = [canary.word for canary in world.canaries.planted.values() if canary.sealed][:20]
    client = signed_in(world["vera"])
    client.raise_request_exception = False
    for number, (path, view) in enumerate(BREAKABLE.items()):
        error = ValueError(f"could not keep {words[number % len(words)]}", words)
        with logged() as lines, patch(view, side_effect=error):
            ask = client.get if path.endswith("/people/") else client.post  # where the lead lets nobody in, there is no form
            answer = ask(path.format(case=world.one(Stage.LODGED)), {"reason": words[0], "words": words[1]})
        tally.check(answer.status_code == 500, f"{path} answered {answer.status_code}")
        tally.check(not world.canaries.found_in(told_by(answer)), f"{path}: the page tells")
        tally.check(lines and not world.canaries.found_in("\n".join(lines).encode()), f"{path}: the log tells")


BREAKABLE = {
    "/cases/": "relocation.desk.cases.render",
    "/cases/{case}/": "relocation.desk.case.render",
    "/cases/{case}/steps/hold/": "relocation.desk.steps.render",
    "/cases/{case}/documents/": "relocation.desk.documents.render",
    "/cases/{case}/people/": "relocation.desk.people.render",
    "/approvals/": "relocation.desk.approvals.render",
    "/cases/{case}/passages/": "logistics.pages.render",
}
