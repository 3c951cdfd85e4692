"""The same document in two cases: found by the exact number, among the cases whose documents the asker reads."""

from __future__ import annotations

from uuid import UUID

from relocation.models import Account, Case, Document
from relocation.safety import digests, ledger, vault


def cases_with_number(written: str, *, by: Account) -> list[Case]:
    """Cases that `by` may open in which a document bears this number, spaces and dashes aside; no others are even asked."""
    readable = Case.objects.visible_to(by, "documents.read")
    keepers = readable.order_by().values_list("organisation", flat=True).distinct()
    wanted = [digests.digest(keeper, "passport", written) for keeper in keepers]
    ledger.record("read.for_duplicates", by.pk, by=by, detail="number")
    found = Document.objects.filter(case__in=readable, number_digest__in=wanted).values_list("case", flat=True)
    return list(readable.filter(pk__in=set(found)).order_by("created_at", "pk"))


def same_number(document_id: UUID, *, by: Account) -> list[Case]:
    """Other cases that `by` may open in which a document bears the same number."""
    document = Document.objects.get(pk=document_id)
    if document.number is None:
        return []
    written = vault.read(document, "number", by=by, purpose="duplicates")["number"]
    return [case for case in cases_with_number(written, by=by) if case.pk != document.case_id]
