"""Who may know what: the table in the code against the table in the design, written here once more by hand."""

from datetime import timedelta

import pytest

from relocation.models import Account, Case
from relocation.safety import access
from relocation.safety.policy import ADMITS, POLICY, SCOPED, Compartment, Role, read_table

# rw, r (reads), ? (after a reason), 2 (after a second person), own (its stay, leg or dossier), - nothing; days until it ends.
COLUMNS = ["card", "identity", "claim", "location", "documents", "travel", "medical", "destination", "contacts"]
ORACLE = {
    "lead": ("rw ?w ?w 2w rw rw - ?w ?w", 180),
    "worker": ("rw ? ? - rw r - - -", 30),
    "verifier": ("r ? ?w - r - - - ?", 14),
    "coordinator": ("rw ? - 2 r rw - ? -", 90),
    "host": ("r - - own - - - - -", None),
    "escort": ("r - - own - own - - -", None),
    "clinician": ("r - - - - - rw - -", 30),
    "lawyer": ("r ? ? - r - - - -", 30),
    "embassy": ("- - - - - - - - -", 14),
    "receiver": ("r ? - - - own - r -", 90),
    "glass": ("r ? - ? r r - ? ?", None),
}
POST = {"lead": "rw", "worker": "r", "coordinator": "rw", "embassy": "own", "glass": "r"}
MONEY = {"lead": "rw", "worker": "rw", "coordinator": "rw"}
CELLS = [(role, column, cell) for role, (row, _days) in ORACLE.items() for column, cell in zip(COLUMNS, row.split(), strict=True)]


@pytest.mark.nodb
class TestTheTable:
    @pytest.mark.parametrize(("role", "column", "cell"), CELLS)
    def test_each_cell_says_what_the_design_says(self, role, column, cell):
        assert POLICY.rights[Role(role), Compartment(column)].cell == cell

    def test_what_belongs_to_the_post_is_open_to_those_who_prepare_it_alone(self):
        assert {role: POLICY.rights[role, Compartment.POST].cell for role in Role} == {role: POST.get(role, "-") for role in Role}

    def test_what_somebody_costs_is_known_to_those_who_spend_it_alone(self):
        cells = {role: POLICY.rights[role, Compartment.MONEY].cell for role in Role}
        assert cells == {role: MONEY.get(role, "-") for role in Role}

    def test_every_role_ends_when_the_design_says(self):
        assert POLICY.ends == {role: timedelta(days=days) if days else None for role, (_row, days) in ORACLE.items()}

    def test_nobody_reads_everything(self):
        for role in Role:
            assert any(not right.any for (who, _what), right in POLICY.rights.items() if who == role)

    def test_a_coordinator_and_a_lead_let_in_whom_the_design_names(self):
        assert ADMITS[Role.COORDINATOR] == {"coordinator", "lead", "worker", "verifier", "clinician", "lawyer"}
        assert ADMITS[Role.LEAD] == {"host", "escort", "embassy", "receiver"}
        assert set(ADMITS) == {Role.COORDINATOR, Role.LEAD}

    def test_hosts_escorts_and_officers_are_let_in_for_one_thing(self):
        assert {"host", "escort", "embassy"} == SCOPED

    @pytest.mark.parametrize("broken", ["card ends\nlead rw 180", "card ends\nking rw 180", "card ends\nlead rw rw 180"])
    def test_a_table_with_a_missing_or_unknown_word_is_refused(self, broken):
        with pytest.raises(ValueError):
            read_table(broken)


@pytest.mark.nodb
class TestCapabilities:
    def test_reading_needs_no_reason_only_where_the_table_says_r(self):
        for role, column, cell in CELLS:
            assert (role in access.CAPABILITIES[f"{column}.read"]) is cell.startswith("r"), (role, column)

    def test_revealing_is_for_those_who_read_and_those_who_give_a_reason(self):
        for role, column, cell in CELLS:
            assert (role in access.CAPABILITIES[f"{column}.reveal"]) is (cell.startswith("r") or "?" in cell), (role, column)

    def test_nobody_reveals_the_location_by_a_reason_alone_but_whoever_broke_the_glass(self):
        assert access.CAPABILITIES["location.reveal"] == {"glass"}
        assert access.CAPABILITIES["location.reveal_together"] == {"lead", "coordinator"}

    def test_writing_is_where_the_table_says_w(self):
        for role, column, cell in CELLS:
            assert (role in access.CAPABILITIES[f"{column}.write"]) is cell.endswith("w"), (role, column)

    def test_own_is_neither_reading_nor_writing(self):
        assert access.CAPABILITIES["location.own"] == {"host", "escort"}
        assert not access.CAPABILITIES["location.own"] & access.CAPABILITIES["location.write"] - {"lead"}

    def test_only_a_coordinator_agrees_as_the_second_person(self):
        assert access.CAPABILITIES["approve"] == {"coordinator"}

    def test_hosts_escorts_and_officers_do_not_open_the_case_page(self):
        assert access.CAPABILITIES["case.open"] == set(Role) - {"host", "escort", "embassy"}


class TestWhoeverIsNotInTheTable:
    def test_an_unknown_capability_means_nobody(self, kestrel, vera, acting):
        with acting(vera):
            assert access.may(vera, "case.open", kestrel.pk)
            assert not access.may(vera, "case.opne", kestrel.pk)
            assert not access.permitted(vera, "case.opne").exists()

    def test_a_superuser_sees_no_case(self, kestrel, acting):
        root = Account.objects.create_superuser("root")
        with acting(root):
            assert not access.may(root, "case.open", kestrel.pk)
            assert not Case.objects.visible_to(root).exists()

    def test_an_account_that_was_closed_sees_none(self, kestrel, vera, acting):
        vera.is_active = False
        with acting(vera):
            assert not access.may(vera, "case.open", kestrel.pk)
            assert not Case.objects.visible_to(vera).exists()

    def test_offices_open_no_case(self, kestrel, greta, anton, acting):
        for office in (greta, anton):
            with acting(office):
                assert not Case.objects.visible_to(office).exists()
