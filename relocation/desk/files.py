"""The files that leave from the desk: scans, papers, and the refused rows of a referral file."""

import hashlib
from io import BytesIO
from uuid import UUID

from django.urls import reverse

from relocation.intake import kept, sheets
from relocation.models import Account, Paper, Scan
from relocation.paperwork import opening
from relocation.paperwork.links import KINDS, File, Kind
from relocation.safety import access, vault
from relocation.safety.refusal import Denied

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _scan(scan_id: UUID, by: Account) -> Scan:
    found = Scan.objects.filter(pk=scan_id).defer("body").first()
    if found is None:
        raise Denied(by.pk, "documents.read.part", by.pk)
    access.require(by, "documents.read", found.case_id)
    return found


def _read_scan(scan_id: UUID, by: Account) -> File:
    found = _scan(scan_id, by)
    body = vault.read_bytes(found, "body", by=by, purpose="scan")["body"]
    return File(body, "image/jpeg", f"page-{found.page}.jpg", found.case_id)


def _scan_address(scan_id: UUID, by: Account) -> str:
    found = _scan(scan_id, by)
    return reverse("desk:scan", args=[found.case_id, found.document_id, found.pk])


def _paper(paper_id: UUID, by: Account) -> Paper:
    """A paper that this account may open now."""
    found = Paper.objects.filter(pk=paper_id).defer("body", "content").first()
    if found is None:
        raise Denied(by.pk, "paper.open", by.pk)
    opening.require(found, by)
    return found


def _read_paper(paper_id: UUID, by: Account) -> File:
    found = _paper(paper_id, by)
    return File(opening.open_paper(found, by=by), "application/pdf", "paper.pdf", found.case_id)


def _paper_address(paper_id: UUID, by: Account) -> str:
    return reverse("desk:paper", args=[_paper(paper_id, by).case_id, paper_id])


def _rows_version(file_id: UUID, by: Account) -> bytes:
    """Of a file that waits nothing changes; once it is confirmed, its rows are gone."""
    waits = kept.waiting(file_id, by=by)
    return hashlib.sha256(f"{waits.pk} {waits.at.isoformat()}".encode()).digest()


def _read_rows(file_id: UUID, by: Account) -> File:
    seen, out = kept.look_again(kept.waiting(file_id, by=by), by=by), BytesIO()
    sheets.refused_rows(seen.preview, out)
    return File(out.getvalue(), XLSX, "refused.xlsx", by.pk)


def _rows_address(file_id: UUID, by: Account) -> str:
    return reverse("desk:referral_refused", args=[kept.waiting(file_id, by=by).pk])


KINDS.add("scan", Kind("desk.scan", lambda scan, by: bytes(_scan(scan, by).sha256), _read_scan, _scan_address))
KINDS.add("paper", Kind("desk.paper", lambda paper, by: bytes(_paper(paper, by).sha256 or b""), _read_paper, _paper_address))
KINDS.add("refused_rows", Kind("desk.referral_refused", _rows_version, _read_rows, _rows_address))
