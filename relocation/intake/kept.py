"""A referral file on its way through the pages: kept sealed, confirmed by its owner, imported by a worker."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from functools import partial
from io import BytesIO
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from relocation.intake.importing import Look, opened_since, save
from relocation.intake.likeness import Match
from relocation.intake.preview import preview
from relocation.intake.referral import Referral
from relocation.models import Account, Outbox, ReferralFile
from relocation.models.outbox import done, job, put
from relocation.models.referral_file import an_hour_from_now, forget_expired
from relocation.safety import vault
from relocation.safety.refusal import Denied

WAITING, ORDERED, IMPORTED = ReferralFile.State.WAITING, ReferralFile.State.ORDERED, ReferralFile.State.IMPORTED


def keep(content: bytes, seen: Look, *, by: Account) -> ReferralFile:
    """Put a file that was looked at away until its importer decides; what was kept too long goes."""
    with transaction.atomic():
        forget_expired()
        kept = ReferralFile(owner=by, organisation=by.organisation, rows=len(seen.new))
        kept.name, kept.body, kept.findings = seen.preview.name, content, _as_text(seen)
        kept.save(force_insert=True)
        return kept


def mine(file_id: UUID, *, by: Account) -> ReferralFile:
    """The acting account's own file. Raises `Denied` for anybody else's, an expired one, and one that never was."""
    kept = ReferralFile.objects.filter(pk=file_id, owner=by, expires_at__gt=Now()).first()
    if kept is None:
        raise Denied(file_id, "referrals.file", by.pk)
    return kept


def waiting(file_id: UUID, *, by: Account) -> ReferralFile:
    """As `mine`, for what is only there until the file is confirmed."""
    kept = mine(file_id, by=by)
    if kept.state != WAITING:
        raise Denied(file_id, "referrals.file", by.pk)
    return kept


def look_again(kept: ReferralFile, *, by: Account) -> Look:
    """What was seen when the file came in, with its rows; nothing is compared with cases a second time."""
    told = vault.read_kept(kept, "name", "body", "findings", by=by)
    findings = json.loads(told["findings"])
    # As of the day on which the file came in, so that midnight changes nothing.
    found = preview(BytesIO(told["body"]), told["name"].decode(), today=kept.at.date())
    known = tuple(Match(first, second, tuple(why)) for first, second, why in findings["known"])
    cases = {label: UUID(case_id) for label, case_id in findings["cases"].items()}
    return Look(dataclasses.replace(found, known=known), frozenset(findings["already"]), cases)


def _as_text(seen: Look) -> str:
    shown = {match.second for match in seen.preview.known}
    cases = {label: str(case_id) for label, case_id in seen.cases.items() if label in shown}
    return json.dumps({"known": seen.preview.known, "cases": cases, "already": sorted(seen.already)}, ensure_ascii=False)


def order(kept: ReferralFile, *, left_out: Iterable[str], by: Account) -> None:
    """Have the file imported without the rows that its owner leaves out; ordering twice changes nothing."""
    without = frozenset(left_out)
    with transaction.atomic():
        locked = ReferralFile.objects.select_for_update().filter(pk=kept.pk, owner=by, state=WAITING).first()
        if locked is None:
            return
        locked.rows = sum(row.own_id not in without for row in look_again(locked, by=by).new)
        locked.left_out, locked.state = json.dumps(sorted(without), ensure_ascii=False), ORDERED
        locked.confirmed_at, locked.expires_at = timezone.now(), an_hour_from_now()
        locked.save()
        put("import_referrals", by=by, key=str(kept.pk), file=kept.pk)


def drop(kept: ReferralFile, *, by: Account) -> None:
    """Forget a file that is not being imported."""
    ReferralFile.objects.filter(pk=kept.pk, owner=by).exclude(state=ORDERED).delete()


@job("import_referrals", whole=False, slow=True)
def import_kept(row: Outbox) -> None:
    """Import a confirmed file. Broken off, it goes on where it stopped: rows that are cases already are passed over."""
    by = row.originator
    with transaction.atomic():
        kept = ReferralFile.objects.filter(pk=row.ids["file"], owner=by, state=ORDERED).first()
        seen, rows = _chosen(kept, by) if kept else (None, [])
    if kept is None or seen is None:
        return
    save(rows, by=by, like_nobody=seen.like_nobody, progress=partial(_tell_progress, kept.pk))
    _finish(kept, rows, row)


def _chosen(kept: ReferralFile, by: Account) -> tuple[Look, list[Referral]]:
    """The file as it was looked at, and its new rows without those that were left out."""
    without, seen = json.loads(vault.read_kept(kept, "left_out", by=by)["left_out"]), look_again(kept, by=by)
    return seen, [row for row in seen.new if row.own_id not in without]


def _tell_progress(file_id: UUID, done: int) -> None:
    with transaction.atomic():
        ReferralFile.objects.filter(pk=file_id, state=ORDERED).update(done=done)


def _finish(kept: ReferralFile, rows: list[Referral], row: Outbox) -> None:
    """Say what became of the file, and forget what it told."""
    assert kept.confirmed_at is not None
    with transaction.atomic():
        kept.added = opened_since(rows, kept.confirmed_at, by=row.originator)
        kept.done, kept.already, kept.state = len(rows), len(rows) - len(kept.added), IMPORTED
        kept.body = kept.findings = kept.left_out = kept.name = None
        kept.save()
        done(row)
