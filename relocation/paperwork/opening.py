"""The door of the register: a paper's file and its password, for whoever may know everything that stands on it."""

from uuid import UUID

from relocation.models import Account, Paper, PaperSubject
from relocation.safety import access, vault
from relocation.safety.refusal import Denied

# What one must be allowed to know, besides the post, of everybody on a paper of this kind.
TELLS: dict[str, tuple[str, ...]] = {
    Paper.Kind.DOSSIER: ("identity.reveal", "claim.reveal", "documents.read"),
    Paper.Kind.MANIFEST: ("documents.read",),
    Paper.Kind.HOUSE_SHEET: ("card.read",),
}


def cases_on(paper: Paper, *, by: Account) -> list[UUID]:
    """The cases on a paper. Raises `Denied` where `by` cannot even see that one of them stands on it."""
    cases = [paper.case_id, *PaperSubject.objects.filter(paper=paper.pk).values_list("case", flat=True)]
    if len(cases) != paper.people:
        raise Denied(paper.case_id, "paper.subjects", by.pk)
    return cases


def may_open(paper: Paper, by: Account) -> bool:
    """Whether `open_paper` and `tell_password` would let this account."""
    try:
        require(paper, by)
    except Denied:
        return False
    return True


def open_paper(paper: Paper, *, by: Account) -> bytes:
    """The file as it leaves. Raises `Denied` for whoever may not know all that it says, and while it is not ready."""
    require(paper, by)
    return vault.read_bytes(paper, "body", by=by, purpose="paper")["body"]


def tell_password(paper: Paper, *, by: Account, reason: str) -> str:
    """The password of the file, for a reason that is kept. Raises as `open_paper` does."""
    require(paper, by)
    return vault.reveal(paper, "password", by=by, reason=reason)


def require(paper: Paper, by: Account) -> None:
    """Raise `Denied` for whoever may not know all that a paper says, and while it is not ready."""
    if paper.state != Paper.State.READY:
        raise Denied(paper.case_id, "paper.open", by.pk)
    access.require(by, "post.read", paper.case_id)
    for case_id in cases_on(paper, by=by):
        for capability in TELLS[paper.kind]:
            access.require(by, capability, case_id)
