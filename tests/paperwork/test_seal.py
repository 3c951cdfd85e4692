"""Sealed papers: strong, mute, and open to one password."""

from __future__ import annotations

import re
from io import BytesIO

import pikepdf
import pytest

from relocation.paperwork import dossier, seal

from .papers import a_dossier
from .reading import text_of

pytestmark = pytest.mark.nodb

PASSWORD = "k7m2-9qrt-4vxz-1a3d-00tt-zz9h"


@pytest.fixture(scope="module")
def plain() -> bytes:
    return dossier.render(a_dossier())


@pytest.fixture(scope="module")
def sealed(plain: bytes) -> bytes:
    return seal.seal(plain, PASSWORD)


class TestSeal:
    def test_it_is_aes_256_of_revision_6(self, sealed):
        with pikepdf.open(BytesIO(sealed), password=PASSWORD) as paper:
            assert paper.encryption.R == 6
            assert paper.encryption.bits == 256
            assert paper.encryption.stream_method.name == "aesv3"
            assert paper.encryption.string_method.name == "aesv3"

    def test_it_may_be_printed_and_nothing_else(self, sealed):
        with pikepdf.open(BytesIO(sealed), password=PASSWORD) as paper:
            assert paper.user_password_matched
            assert not paper.owner_password_matched
            assert paper.allow.print_highres
            assert not (paper.allow.extract or paper.allow.modify_other or paper.allow.modify_annotation)
            assert not (paper.allow.modify_form or paper.allow.modify_assembly)

    @pytest.mark.parametrize("wrong", ["", "k7m2", PASSWORD.upper(), PASSWORD + " "])
    def test_another_password_does_not_open_it(self, sealed, wrong):
        with pytest.raises(seal.WrongPassword):
            seal.open_sealed(sealed, wrong)

    def test_the_right_one_does(self, plain, sealed):
        assert text_of(seal.open_sealed(sealed, PASSWORD)) == text_of(plain)

    def test_nothing_can_be_read_without(self, sealed):
        for word in (b"AKHMATOVA", b"Zarema", b"Vesterhavn", b"VIS 2026"):
            assert word not in sealed

    def test_it_has_no_metadata(self, sealed):
        with pikepdf.open(BytesIO(sealed), password=PASSWORD) as paper:
            assert "/Info" not in paper.trailer
            assert "/Metadata" not in paper.Root
            assert dict(paper.docinfo) == {}

    def test_a_password_is_needed(self, plain):
        with pytest.raises(ValueError, match="password"):
            seal.seal(plain, "")

    def test_what_is_no_paper_is_refused(self):
        with pytest.raises(seal.NotAPaper):
            seal.seal(b"not a paper", PASSWORD)


class TestStrip:
    def test_what_another_program_wrote_is_gone(self):
        out = BytesIO()
        with pikepdf.new() as paper:
            paper.add_blank_page()
            with paper.open_metadata() as xmp:
                xmp["dc:creator"] = ["CANARY"]
            paper.docinfo["/Author"] = "CANARY"
            paper.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="CANARY")
            paper.save(out)
        assert b"CANARY" in out.getvalue()
        assert b"CANARY" not in seal.strip(out.getvalue())

    def test_the_same_paper_is_stripped_to_the_same_bytes(self, plain):
        assert seal.strip(plain) == seal.strip(plain)


class TestPassword:
    def test_it_can_be_read_aloud(self):
        assert re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}", seal.new_password())

    def test_it_is_never_the_same(self):
        assert len({seal.new_password() for _number in range(200)}) == 200


def test_a_digest_is_sha_256_in_hexadecimal():
    assert seal.digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
