"""The door for files that leave: a link that opens once, for one person, in one session, within five minutes (G29).

A page posts a form; `link` asks whether the account may have the file and leads to an address that holds a secret; `take`
spends the link, asks again, and hands the file over. Upper rooms say what kinds of files there are.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from relocation.models import Account, FileLink
from relocation.models.file_link import LASTS, spend
from relocation.models.offers import Offers
from relocation.safety import ledger
from relocation.safety.refusal import Denied, Refusal


@dataclass(frozen=True)
class File:
    """A file as it is handed over. `name` says nothing about anybody; `chain` is the case, or the account, it belongs to."""

    body: bytes
    content_type: str
    name: str
    chain: UUID


@dataclass(frozen=True)
class Kind:
    """One kind of file. Each question is asked as an account and raises `Denied`, or what else keeps the file closed.

    `version` is the SHA-256 of the file as it stands; `read` opens it; `again` is the address to which a form that asks for
    a new link is posted. `entry` is the word of the ledger.
    """

    entry: str
    version: Callable[[UUID, Account], bytes]
    read: Callable[[UUID, Account], File]
    again: Callable[[UUID, Account], str]


KINDS: Offers[Kind] = Offers("the files that leave")


class SeeOther(HttpResponseRedirect):
    """What was posted is done: look there. A browser forgets the form, and writes down neither."""

    status_code = 303


def link(request: HttpRequest, kind: str, about: UUID) -> SeeOther:
    """Lead to the file, by a link of the acting account's own. Raises what the kind's `version` raises."""
    return SeeOther(address(request, kind, about))


def address(request: HttpRequest, kind: str, about: UUID) -> str:
    """The address of a new link, for a picture within a page; it holds a secret, so it is only ever written into the page."""
    by = _account(request)
    secret = secrets.token_urlsafe(32)
    FileLink(
        owner=by,
        digest=_hash(secret),
        session=_hash(request.session.session_key or ""),
        kind=kind,
        about=about,
        version=KINDS[kind].version(about, by),
        expires_at=Now() + LASTS,
    ).save(force_insert=True)
    return reverse("file", args=[secret])


def take(request: HttpRequest, secret: str) -> File | FileLink:
    """The file, once; or the link, where it opens nothing any more. Raises `Denied` for a stranger and for whoever lost access.

    One transaction: the link is spent, access is asked anew, and the ledger says that a file left.
    """
    by, digest = _account(request), _hash(secret)
    with transaction.atomic():
        made = FileLink.objects.filter(digest=digest, owner=by).first()
        if made is None:
            raise Denied(by.pk, "file.link", by.pk)
        kind = KINDS[made.kind]
        spent = spend(digest, _hash(request.session.session_key or ""), owner=by.pk)
        if not spent or kind.version(made.about, by) != bytes(made.version):
            return made
        file = kind.read(made.about, by)
        ledger.record(f"export.{kind.entry}", file.chain, by=by, about=made.about)
        return file


def again(link_id: UUID, *, by: Account) -> str:
    """Where to ask for a new link in place of a spent one; empty for whoever may not have the file any more. Raises `Denied`."""
    made = FileLink.objects.filter(pk=link_id, owner=by).first()
    if made is None:
        raise Denied(by.pk, "file.link", by.pk)
    try:
        return KINDS[made.kind].again(made.about, by)
    except Refusal:
        return ""


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)
    return request.user
