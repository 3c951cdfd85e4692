"""A paper is opened by whoever may know everything that stands on it, about everybody who does."""

import pytest

from relocation.models import Paper, PaperSubject
from relocation.paperwork import opening
from relocation.safety import access
from relocation.safety.actor import acting_as
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.logistics.conftest import another

__all__ = ["another"]


@pytest.fixture
def made(kestrel, vera):
    """A paper of a kind, ready, about Kestrel and others."""

    def make(kind, *others, people=None):
        with acting_as(vera.pk):
            paper = Paper(case=kestrel, by=vera, kind=kind, state="ready", people=people or 1 + len(others))
            paper.body, paper.password = b"%PDF-1.7", "amber-cloud-7"
            paper.save(force_insert=True)
            for case in others:
                PaperSubject(case=case, by=vera, paper=paper).save(force_insert=True)
        return paper

    return make


def opens(paper, account):
    """Whether the door opens, for the file and for the password alike."""
    with acting_as(account.pk):
        may = opening.may_open(paper, account)
        if may:
            assert opening.open_paper(paper, by=account) == b"%PDF-1.7"
            assert opening.tell_password(paper, by=account, reason="told by phone") == "amber-cloud-7"
            return True
        with pytest.raises(Denied):
            opening.open_paper(paper, by=account)
        with pytest.raises(Denied):
            opening.tell_password(paper, by=account, reason="told by phone")
    return False


class TestKinds:
    @pytest.mark.parametrize(
        ("kind", "who"),
        [("dossier", {"vera"}), ("manifest", {"vera", "mara"}), ("house_sheet", {"vera", "mara"})],
    )
    def test_each_kind_asks_for_the_right_to_all_that_it_tells(self, made, ground, kind, who):
        paper = made(kind)
        assert {name for name in ("vera", "mara", "charlie", "tomas") if opens(paper, ground[name])} == who

    def test_a_worker_who_reads_all_of_it_may(self, made, kestrel, nina, mara):
        paper = made("dossier")
        assert not opens(paper, nina)
        with acting_as(mara.pk):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="documents")
        assert opens(paper, nina)

    def test_one_that_is_not_ready_opens_for_nobody(self, made, vera):
        paper = made("house_sheet")
        paper.state = "revoked"
        assert not opens(paper, vera)


class TestSubjects:
    def test_whoever_may_not_know_one_of_them_opens_nothing(self, made, another, kestrel, vera, nina, mara):
        heron = another("Heron")
        paper = made("manifest", heron)
        with acting_as(mara.pk):
            access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="documents")
        assert opens(paper, vera)
        assert not opens(paper, nina)
        with acting_as(mara.pk):
            access.admit(nina, Role.WORKER, heron.pk, by=mara, reason="documents")
        assert opens(paper, nina)

    def test_a_subject_whose_row_is_gone_closes_it(self, made, vera):
        assert not opens(made("manifest", people=2), vera)
