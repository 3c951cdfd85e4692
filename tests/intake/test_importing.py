"""Referrals become cases by the command: looked at first, saved after a yes, never twice, never without consent."""

import io
import json
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from relocation.desk import fictional
from relocation.intake import importing
from relocation.intake.importing import told
from relocation.intake.known import Known
from relocation.journey.referring import refer
from relocation.models import Account, Case, Consent, Identity, LedgerEntry
from relocation.safety import access, vault
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.cast import referral
from tests.intake.files import HEADER, REFERRALS, TODAY, as_csv, look, people

EXPECTED = json.loads((REFERRALS / "expected.json").read_text(encoding="utf-8"))
NOTHING = {
    "rows": 0, "refused": {}, "likely_duplicates": [], "kept_as_text": [], "ignored": [], "refused_whole": False
}  # fmt: skip
ADAM = ["1", "Цаплин", "Адам", "20.03.1995", "+79892167937", "да"]


def said(*files, **options):
    """What the command writes."""
    out = io.StringIO()
    call_command("import_referrals", *map(str, files), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def found(*files, **options):
    """What the command writes as JSON, one object per file."""
    return [json.loads(line) for line in said(*files, preview=True, json=True, **options).splitlines()]


def cases(by, acting):
    """How many cases somebody may open."""
    with acting(by):
        return Case.objects.visible_to(by).count()


@pytest.fixture
def adam(tmp_path):
    """A file with one row."""
    path = tmp_path / "adam.csv"
    path.write_bytes(as_csv(HEADER, ADAM).getvalue())
    return path


class TestAPreview:
    @pytest.mark.parametrize("name", EXPECTED)
    def test_of_a_file_of_the_field_comes_out_as_expected(self, name):
        assert found(REFERRALS / name) == [NOTHING | EXPECTED[name]]

    def test_of_several_files_is_one_object_each(self):
        assert found(*(REFERRALS / name for name in EXPECTED)) == [NOTHING | EXPECTED[name] for name in EXPECTED]

    def test_by_somebody_says_the_same_and_saves_nothing(self, mara, acting):
        assert found(REFERRALS / "hotline.csv", account="mara") == [NOTHING | EXPECTED["hotline.csv"]]
        assert cases(mara, acting) == 0

    def test_names_rows_and_reasons_and_nobody(self):
        words = said(REFERRALS / "hotline.csv", preview=True)
        assert "Row 7 is refused" in words
        assert "14 and 25" in words

    def test_names_a_case_that_the_importer_may_open_by_its_alias_alone(self, mara, acting, adam):
        with acting(mara):
            refer(referral(surname="Цаплин", given_names="Адам", birth="1995"), by=mara)
        assert found(adam, account="mara")[0]["likely_duplicates"] == [["1", "Kestrel"]]
        words = said(adam, account="mara", preview=True)
        assert "Kestrel" in words
        assert "Цаплин" not in words

    def test_is_not_compared_with_cases_of_strangers(self, mara, charlie, acting, adam):
        with acting(mara):
            refer(referral(surname="Цаплин", given_names="Адам", birth="1995"), by=mara)
        assert found(adam, account="charlie")[0]["likely_duplicates"] == []

    def test_compares_phones_only_where_contacts_may_be_revealed(self, mara, vera, acting, adam):
        with acting(mara):
            case = refer(referral(surname="", given_names="", birth="", phone="+79892167937"), by=mara)
        assert found(adam, account="mara")[0]["likely_duplicates"] == []
        with acting(mara):
            access.admit(vera, Role.LEAD, case.pk, by=mara, reason="leads")
        assert found(adam, account="vera")[0]["likely_duplicates"] == [["1", "Kestrel"]]

    def test_passes_over_a_case_whose_key_was_destroyed(self, mara, acting, adam):
        with acting(mara):
            case = refer(referral(surname="Цаплин", given_names="Адам", birth="1995"), by=mara)
        vault.shred(case.pk)
        assert found(adam, account="mara")[0]["likely_duplicates"] == []

    def test_of_two_cases_with_one_alias_tells_their_codes(self, mara, acting):
        with acting(mara):
            codes = {refer(referral(), by=mara).code for _ in range(2)}
            labels = {likeness.label for likeness in Known(mara)}
        assert labels == {f"Kestrel ({code})" for code in codes}

    def test_is_one_entry_in_the_ledger_however_many_cases_and_files(self, mara, acting, adam):
        with acting(mara):
            for number in range(3):
                refer(referral(surname=f"Цаплин{number}"), by=mara)
        found(adam, REFERRALS / "hotline.csv", account="mara")
        with acting(mara):
            [entry] = LedgerEntry.objects.filter(what__startswith="read.")
        assert (entry.what, entry.case_id, entry.detail) == ("read.for_duplicates", mara.pk, "3")

    def test_of_a_file_that_is_no_table_compares_nothing(self, mara, acting):
        found(REFERRALS / "renamed.xlsx", account="mara")
        with acting(mara):
            assert not LedgerEntry.objects.filter(what="read.for_duplicates").exists()


class TestAnImport:
    def test_opens_a_case_for_each_good_row_and_tells_how_many(self, mara, acting):
        assert "23 cases were opened." in said(REFERRALS / "hotline.csv", account="mara", yes=True)
        assert cases(mara, acting) == 23

    def test_writes_what_the_row_told_where_it_belongs(self, mara, acting, adam):
        said(adam, account="mara", yes=True)
        with acting(mara):
            case = Case.objects.visible_to(mara).get()
            assert case.stage == "referred"
            [told] = vault.unlocked(Identity.objects.filter(case=case), "surname", "given_names", "birth", by=mara, purpose="x")
            assert Consent.objects.filter(case=case, purpose="contact").exists()
        assert told == {"surname": "Цаплин", "given_names": "Адам", "birth": "1995-03-20"}

    def test_gives_the_importer_no_right_to_the_phone_or_alone_to_the_place(self, mara, acting, adam):
        said(adam, account="mara", yes=True)
        with acting(mara):
            case = Case.objects.visible_to(mara).get()
            rights = [access.may(mara, right, case.pk) for right in ("contacts.reveal", "location.reveal", "identity.reveal")]
        assert rights == [False, False, True]

    def test_the_same_file_again_adds_nobody(self, mara, acting):
        said(REFERRALS / "hotline.csv", account="mara", yes=True)
        again = said(REFERRALS / "hotline.csv", account="mara", yes=True)
        assert "23 of them were imported before" in again
        assert "Nothing was saved" in again
        assert cases(mara, acting) == 23

    def test_a_file_that_has_grown_adds_only_the_new_rows(self, mara, acting, adam):
        said(adam, account="mara", yes=True)
        adam.write_bytes(as_csv(HEADER, ADAM, ["2", "Чижов", "Артём", "1987", "", "да"]).getvalue())
        assert "1 case was opened." in said(adam, account="mara", yes=True)
        assert cases(mara, acting) == 2

    def test_what_a_colleague_imported_is_known_already_though_it_is_not_shown(self, mara, ilya, acting, adam):
        said(adam, account="mara", yes=True)
        assert "0 cases were opened. 1 row was known already." in said(adam, account="ilya", yes=True)
        assert cases(ilya, acting) == 0

    def test_another_organisation_recognises_nothing(self, mara, charlie, acting, adam):
        said(adam, account="mara", yes=True)
        said(adam, account="charlie", yes=True)
        assert cases(charlie, acting) == 1

    def test_without_consent_nobody_is_imported(self, mara, acting, tmp_path):
        path = tmp_path / "no.csv"
        path.write_bytes(as_csv(HEADER, [*ADAM[:-1], "нет"]).getvalue())
        assert "nobody new" in said(path, account="mara", yes=True)
        assert cases(mara, acting) == 0

    def test_the_door_itself_refuses_a_row_without_consent(self):
        [row] = look(as_csv(HEADER, ADAM)).good
        with pytest.raises(ValueError, match="agree"):
            told(replace(row, consent=False), TODAY)

    def test_text_that_looks_like_a_formula_is_kept_as_it_is(self, mara, acting, tmp_path):
        path = tmp_path / "formula.csv"
        path.write_bytes(as_csv(HEADER, ["1", "=1+1", *ADAM[2:]]).getvalue())
        said(path, account="mara", yes=True)
        with acting(mara):
            [told] = vault.unlocked(Identity.objects.all(), "surname", by=mara, purpose="x")
        assert told["surname"] == "=1+1"

    def test_birth_dates_keep_their_precision(self, mara, acting, tmp_path):
        path = tmp_path / "births.csv"
        births = ["около 1976", "05.1981", "1990", "01.02.1993"]
        rows = [[str(number), f"Чижов{number}", "Артём", birth, "", "да"] for number, birth in enumerate(births)]
        path.write_bytes(as_csv(HEADER, *rows).getvalue())
        said(path, account="mara", yes=True)
        with acting(mara):
            told = vault.unlocked(Identity.objects.all(), "birth", by=mara, purpose="x")
        assert {one["birth"] for one in told} == {"about 1976", "1981-05", "1990", "1993-02-01"}

    def test_every_good_row_of_the_field_fits_a_case(self, mara):
        for name in EXPECTED:
            for row in look(REFERRALS / name, name).good:
                new = told(row, TODAY)
                assert len(new.alias) <= 40
                assert new.consent_given_on <= TODAY


class TestWhoImports:
    def test_nobody_who_does_not_work_on_cases(self, hanna, adam):
        with pytest.raises(CommandError, match="works on cases"):
            said(adam, account="hanna", preview=True)

    def test_no_closed_account(self, mara, adam):
        mara.is_active = False
        mara.save(update_fields=["is_active"])
        with pytest.raises(CommandError, match="closed"):
            said(adam, account="mara", preview=True)

    def test_no_account_without_organisation(self, ground, adam):
        Account.objects.create(username="noor", name="Noor Haan", part="desk")
        with pytest.raises(CommandError, match="no organisation"):
            said(adam, account="noor", preview=True)

    def test_no_account_that_is_not_there(self, ground, adam):
        with pytest.raises(CommandError, match="no account nobody"):
            said(adam, account="nobody", preview=True)

    def test_the_door_asks_too(self, hanna, acting, adam):
        with acting(hanna), pytest.raises(Denied):
            importing.save(look(adam).good, by=hanna)


class TestTheCommand:
    def test_wants_to_know_who_imports(self, ground, adam):
        with pytest.raises(CommandError, match="Say who imports"):
            said(adam)

    def test_imports_one_file_at_a_time(self, ground, adam):
        with pytest.raises(CommandError, match="one file at a time"):
            said(adam, adam, account="mara", yes=True)

    def test_saves_nothing_where_nobody_can_be_asked(self, mara, acting, adam, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.StringIO())
        with pytest.raises(CommandError, match="--yes"):
            said(adam, account="mara")
        assert cases(mara, acting) == 0

    @pytest.mark.parametrize(
        ("answers", "opened"),
        [(["y"], 1), (["Oui "], 1), (["ja"], 1), (["да"], 1), ([""], 0), (["non"], 0), (["нет"], 0), (["what?", "j"], 1)],
    )
    def test_asks_before_it_saves_until_it_understands(self, mara, acting, adam, monkeypatch, capsys, answers, opened):
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda question: answers.pop(0))
        again = len(answers) > 1
        said(adam, account="mara")
        assert cases(mara, acting) == opened and not answers
        assert ("answer y for yes" in capsys.readouterr().err) is again

    def test_takes_the_end_of_the_line_for_a_no(self, mara, acting, adam, monkeypatch):
        def gone(question):
            raise EOFError

        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", gone)
        said(adam, account="mara")
        assert cases(mara, acting) == 0

    def test_refuses_a_file_that_is_no_table_whole_with_a_sentence(self, mara, capsys):
        out = io.StringIO()
        with pytest.raises(CommandError, match="Nothing was imported"):
            call_command("import_referrals", str(REFERRALS / "renamed.xlsx"), account="mara", yes=True, stdout=out)
        assert "content is something else" in out.getvalue()

    def test_gives_refused_rows_back_with_their_reasons_disarmed_and_private(self, mara, tmp_path):
        path, out = tmp_path / "bad.csv", tmp_path / "refused.xlsx"
        path.write_bytes(as_csv(HEADER, ["1", "=1+1", "Адам", "31.02.1999", "", "да"]).getvalue())
        said(path, preview=True, refused=out)
        header, row = load_workbook(out).active.values
        assert header[-1] == "Reason"
        assert row[1] == "'=1+1"
        assert "calendar" in row[-1]
        assert out.stat().st_mode & 0o077 == 0

    def test_writes_over_no_file(self, tmp_path):
        out = tmp_path / "refused.xlsx"
        out.write_text("mine")
        with pytest.raises(CommandError, match="exists already"):
            said(REFERRALS / "hotline.csv", preview=True, refused=out)
        assert out.read_text() == "mine"

    def test_keeps_an_invented_world_apart(self, mara, acting, adam, monkeypatch):
        monkeypatch.setattr("config.management.commands.import_referrals.is_fictional", lambda: True)
        with pytest.raises(CommandError, match="--fictional"):
            said(adam, account="mara", yes=True)
        said(adam, account="mara", yes=True, fictional=True)
        assert cases(mara, acting) == 1

    def test_asks_the_database_whether_it_is_an_invented_world(self):
        assert fictional.is_fictional() is False

    def test_shows_how_far_a_long_file_is(self, mara, tmp_path):
        path, err = tmp_path / "many.csv", io.StringIO()
        path.write_bytes(as_csv(HEADER, *people(300)).getvalue())
        call_command("import_referrals", str(path), preview=True, stdout=io.StringIO(), stderr=err)
        assert "300 rows read" in err.getvalue()
