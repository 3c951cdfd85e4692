"""Sealing papers for one recipient: AES-256 (ISO 32000-2, revision 6), no metadata, a password sent another way."""

from __future__ import annotations

import hashlib
import secrets
from io import BytesIO

import pikepdf

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing to be mixed up when read aloud
_GROUPS, _GROUP = 6, 4  # 24 characters of five bits
_PRINT_ONLY = pikepdf.Permissions(
    accessibility=True,  # a screen reader may read; revision 6 grants this in any case
    extract=False,
    modify_annotation=False,
    modify_assembly=False,
    modify_form=False,
    modify_other=False,
    print_highres=True,
    print_lowres=True,
)


class WrongPassword(ValueError):
    """The password does not open this paper."""


class NotAPaper(ValueError):
    """The bytes are not a PDF that can be read."""


def new_password() -> str:
    """A password of 120 random bits in six readable groups."""
    groups = ("".join(secrets.choice(_LETTERS) for _place in range(_GROUP)) for _group in range(_GROUPS))
    return "-".join(groups)


def seal(pdf: bytes, password: str) -> bytes:
    """Encrypt for whoever knows `password`; printing is allowed. Raises `NotAPaper`, ValueError for "" as password."""
    if not password:
        raise ValueError("a sealed paper needs a password")
    # The owner's password is thrown away: nobody lifts the restrictions.
    lock = pikepdf.Encryption(user=password, owner=secrets.token_urlsafe(32), R=6, allow=_PRINT_ONLY)
    return _saved(pdf, encryption=lock)


def strip(pdf: bytes) -> bytes:
    """The same paper without document information, XMP and traces of its program. Raises `NotAPaper`."""
    return _saved(pdf, deterministic_id=True)


def open_sealed(pdf: bytes, password: str) -> bytes:
    """The paper unsealed. Raises `WrongPassword`, `NotAPaper`."""
    return _saved(pdf, password=password, deterministic_id=True)


def is_sealed(pdf: bytes) -> bool:
    """Whether the paper does not open without a password. Raises `NotAPaper`."""
    try:
        with pikepdf.open(BytesIO(pdf)):
            return False
    except pikepdf.PasswordError:
        return True
    except pikepdf.PdfError as error:
        raise NotAPaper("The bytes cannot be read as a PDF.") from error


def revision(pdf: bytes, password: str) -> int:
    """The revision of the seal's standard: 6 is AES-256. Raises `WrongPassword`."""
    try:
        with pikepdf.open(BytesIO(pdf), password=password) as paper:
            return int(paper.encryption.R)
    except pikepdf.PasswordError as error:
        raise WrongPassword("The password does not open this paper.") from error


def digest(pdf: bytes) -> str:
    """SHA-256 of the bytes as they left us, in hexadecimal: the register knows a paper by it."""
    return hashlib.sha256(pdf).hexdigest()


def _saved(
    pdf: bytes, *, password: str = "", encryption: pikepdf.Encryption | bool = False, deterministic_id: bool = False
) -> bytes:
    out = BytesIO()
    try:
        with pikepdf.open(BytesIO(pdf), password=password) as paper:
            _forget(paper)
            paper.save(out, encryption=encryption, deterministic_id=deterministic_id, fix_metadata_version=False)
    except pikepdf.PasswordError as error:
        raise WrongPassword("The password does not open this paper.") from error
    except pikepdf.PdfError as error:
        raise NotAPaper("The bytes cannot be read as a PDF.") from error
    return out.getvalue()


def _forget(paper: pikepdf.Pdf) -> None:
    """Drop what describes the document rather than being it."""
    for name in ("/Metadata", "/PieceInfo", "/OpenAction", "/AA", "/Names"):
        if name in paper.Root:
            del paper.Root[name]
    for page in paper.pages:
        for name in ("/Metadata", "/PieceInfo", "/LastModified"):
            if name in page.obj:
                del page.obj[name]
    if "/Info" in paper.trailer:
        del paper.trailer["/Info"]
