"""The documents of a case: entering, adding pages, looking, verifying, refusing."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from relocation.journey import recording
from relocation.models import Case, Checklist, Document, LedgerEntry, Scan
from relocation.paperwork.mrz import MRZ, compose
from relocation.safety import access, vault
from relocation.safety.policy import Role
from relocation.safety.refusal import Denied
from tests.intake.hostile import pdf


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 60), "teal").save(out, "JPEG", comment=b"my kitchen")
    return out.getvalue()


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def documents(case: Case) -> str:
    return reverse("desk:documents", args=[case.pk])


def of(document: Document) -> str:
    return reverse("desk:document", args=[document.case_id, document.pk])


def scan_of(scan: Scan) -> str:
    return reverse("desk:scan", args=[scan.case_id, scan.document_id, scan.pk])


def look(browser, scan: Scan) -> None:
    """Open the page of a document as a browser does that shows its picture."""
    page = browser.get(of(scan.document), {"page": scan.page}).content.decode()
    [picture] = re.findall(r'src="(/files/[^"]+)"', page)
    assert browser.get(picture).status_code == 200


PASSPORT: dict[str, Any] = {
    "kind": "passport", "issued_on": "2022-01-10", "expires_on": "2032-01-10", "issuer": "utO",
    "number": "AB1234567", "surname": "ELFOVA",
    "given_names": "ALENA", "birth_date": "1992-04-28", "sex": "F", "nationality": "UTO",
}  # fmt: skip
LINES = "\n".join(compose(MRZ("TD3", "P", "UTO", "ELFOVA", "ALENA", "AB1234567", "UTO", "920428", "F", "320110")))


@pytest.fixture
def passport(kestrel, vera, acting) -> Document:
    with acting(vera):
        row = Document(
            case=kestrel,
            kind="passport",
            expires_on=timezone.localdate() + timedelta(days=900),
            surname="ELFOVA",
            number="AB1234567",
        )
        return recording.write(row, by=vera)


@pytest.fixture
def scanned(passport, vera, acting) -> Scan:
    with acting(vera):
        return recording.add_scan(passport, picture(), by=vera)


@pytest.fixture
def worker(kestrel, nina, mara, acting):
    with acting(mara):
        access.admit(nina, Role.WORKER, kestrel.pk, by=mara, reason="documents")
    return nina


class TestTheList:
    def test_without_a_post_it_says_what_comes_first(self, kestrel, vera, signed_in):
        assert "No post has been chosen yet" in signed_in(vera).get(documents(kestrel)).content.decode()

    def test_what_the_post_wants_is_missing_until_it_is_there(self, kestrel, vera, signed_in, acting):
        with acting(vera):
            recording.choose_post(kestrel, Checklist.objects.get(post__code="R2"), by=vera)
        page = signed_in(vera).get(documents(kestrel)).content.decode()
        assert page.count("Missing") == 2 and "?kind=passport" in page

    @pytest.mark.parametrize(
        ("change", "says"), [({}, "No page yet"), ({"expires_on": -1}, "Expired"), ({"expires_on": 40}, "Expires soon")]
    )
    def test_a_document_says_how_it_stands(self, passport, vera, signed_in, acting, change, says):
        with acting(vera):
            for name, days in change.items():
                Document.objects.filter(pk=passport.pk).update(**{name: timezone.localdate() + timedelta(days=days)})
        assert says in signed_in(vera).get(documents(passport.case)).content.decode()

    def test_a_coordinator_reads_and_does_not_write(self, kestrel, mara, signed_in):
        assert "Enter a document" not in signed_in(mara).get(documents(kestrel)).content.decode()
        assert signed_in(mara).post(documents(kestrel), PASSPORT).status_code == 404

    def test_a_stranger_sees_nothing(self, kestrel, passport, charlie, signed_in):
        assert signed_in(charlie).get(documents(kestrel)).status_code == 404
        assert signed_in(charlie).get(of(passport)).status_code == 404


class TestEntering:
    def entered(self, browser, case: Case, **changes: Any):
        return browser.post(documents(case), PASSPORT | changes)

    def test_what_agrees_with_its_lines_is_kept(self, kestrel, worker, signed_in, acting):
        assert self.entered(signed_in(worker), kestrel, mrz=LINES).status_code == 302
        with acting(worker):
            kept = Document.objects.get(case=kestrel)
            said = vault.read(kept, "surname", "mrz", by=worker, purpose="test")
        assert kept.issuer == "UTO" and said == {"surname": "ELFOVA", "mrz": LINES}

    def test_a_wrong_check_digit_is_said_at_the_lines(self, kestrel, vera, signed_in):
        page = self.entered(signed_in(vera), kestrel, mrz=LINES.replace("920428", "920429"))
        assert "check digit does not fit" in str(page.context["form"].errors["mrz"])

    @pytest.mark.parametrize(
        ("field", "value"),
        [("surname", "ELFOVNA"), ("number", "AB7654321"), ("expires_on", "2033-01-10"), ("birth_date", "1992-04-29")],
    )
    def test_a_disagreement_is_said_at_its_field(self, kestrel, vera, signed_in, field, value):
        page = self.entered(signed_in(vera), kestrel, mrz=LINES, **{field: value})
        assert list(page.context["form"].errors) == [field]
        assert "machine-readable lines say" in page.content.decode()

    def test_a_document_that_is_printed_wrongly_is_kept_as_it_is(self, kestrel, vera, signed_in):
        assert self.entered(signed_in(vera), kestrel, mrz=LINES, surname="ELFOVNA", as_printed="on").status_code == 302

    def test_a_travel_document_has_a_number_and_an_end(self, kestrel, vera, signed_in):
        page = self.entered(signed_in(vera), kestrel, number="", expires_on="")
        assert set(page.context["form"].errors) == {"number", "expires_on"}

    def test_a_photograph_needs_none_of_it(self, kestrel, vera, signed_in):
        assert signed_in(vera).post(documents(kestrel), {"kind": "photo"}).status_code == 302


class TestPages:
    def add(self, browser, document: Document, data: bytes, name: str = "../../etc/passwd\r\n.html"):
        return browser.post(of(document), {"add": "1", "page": SimpleUploadedFile(name, data)})

    def test_a_page_is_kept_as_pixels_only(self, passport, worker, signed_in, acting):
        assert self.add(signed_in(worker), passport, picture()).status_code == 302
        with acting(worker):
            body = vault.read_bytes(Scan.objects.get(), "body", by=worker, purpose="test")["body"]
        assert body.startswith(b"\xff\xd8\xff") and b"kitchen" not in body

    def test_each_page_of_a_pdf_is_a_page(self, passport, worker, signed_in, acting):
        answer = signed_in(worker).post(of(passport), {"add": "1", "page": SimpleUploadedFile("a.pdf", pdf(2))}, follow=True)
        assert "letters may be missing" in answer.content.decode()  # its typeface is not in the file
        assert "2 pages are kept." in answer.content.decode()
        with acting(worker):
            assert list(Scan.objects.order_by("page").values_list("page", flat=True)) == [1, 2]

    @pytest.mark.parametrize("data", [b"%PDF-1.7", b"<svg/>", b"", b"0" * (17 << 20)])
    def test_what_cannot_be_kept_is_refused_with_what_to_do(self, passport, vera, signed_in, acting, data):
        page = self.add(signed_in(vera), passport, data)
        assert page.status_code == 200
        assert any(said in page.content.decode() for said in ("or scan the page", "photograph the page again", "up to 15 MB"))
        with acting(vera):
            assert not Scan.objects.exists()

    def test_somebody_who_only_reads_adds_none(self, passport, mara, signed_in):
        assert self.add(signed_in(mara), passport, picture()).status_code == 404

    def test_a_new_page_of_a_verified_document_must_be_looked_at_again(self, passport, scanned, vera, acting):
        with acting(vera):
            vault.read_bytes(scanned, "body", by=vera, purpose="scan")
            recording.verify_document(passport, by=vera)
            assert recording.add_scan(passport, picture(), by=vera).page == 2
            assert Document.objects.get(pk=passport.pk).verified_at is None


class TestTheScan:
    def test_it_is_served_as_a_file_that_cannot_run(self, scanned, passport, tomas, signed_in):
        served = signed_in(tomas).post(scan_of(scanned), follow=True)
        assert served.content == picture() and served["Content-Type"] == "image/jpeg"
        assert served["Content-Disposition"] == 'attachment; filename="page-1.jpg"'
        assert served["X-Content-Type-Options"] == "nosniff" and "sandbox" in served["Content-Security-Policy"]
        assert served["Cache-Control"] == "no-store"

    def test_opening_it_is_in_the_ledger(self, scanned, passport, tomas, signed_in, acting):
        look(signed_in(tomas), scanned)
        with acting(tomas):
            written = LedgerEntry.objects.filter(about=scanned.pk, actor_id=tomas.pk).order_by("seq")
            assert list(written.values_list("what", flat=True)) == ["read.scan", "export.desk.scan"]

    def test_a_stranger_gets_nothing(self, scanned, passport, charlie, signed_in):
        assert signed_in(charlie).post(scan_of(scanned)).status_code == 404


class TestVerifying:
    def test_whoever_opened_every_page_verifies(self, scanned, passport, worker, signed_in, acting):
        browser = signed_in(worker)
        look(browser, scanned)
        assert browser.post(of(passport), {"verify": "1"}).status_code == 302
        with acting(worker):
            assert Document.objects.get(pk=passport.pk).verified_by_id == worker.pk

    def test_whoever_did_not_look_does_not_verify(self, scanned, passport, worker, vera, signed_in, acting):
        with acting(vera):
            vault.read_bytes(scanned, "body", by=vera, purpose="scan")  # somebody else's look is not one's own
        page = signed_in(worker).post(of(passport), {"verify": "1"})
        assert page.status_code == 409 and "not opened page 1" in page.content.decode()

    def test_without_a_page_nobody_verifies_but_a_waiver_is_a_reference(self, passport, vera, acting):
        with acting(vera):
            with pytest.raises(recording.NotRecorded, match="verify"):
                recording.verify_document(passport, by=vera)
            waiver = recording.write(Document(case=passport.case, kind="waiver", number="W-1"), by=vera)
            assert recording.verify_document(waiver, by=vera).verified_at

    def test_a_verifier_of_the_account_does_not_verify_documents(self, scanned, passport, tomas, acting):
        with acting(tomas), pytest.raises(Denied):
            recording.verify_document(passport, by=tomas)

    def test_a_document_that_cannot_be_used_says_why(self, scanned, passport, worker, signed_in):
        browser = signed_in(worker)
        assert browser.post(of(passport), {"refuse": "1", "reason": " "}).status_code == 200
        page = browser.post(of(passport), {"refuse": "1", "reason": "the photograph is torn"}, follow=True).content.decode()
        assert "Cannot be used" in page and "the photograph is torn" in page
