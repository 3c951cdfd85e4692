"""Files that somebody might send to do harm, and names that somebody might give them."""

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

A4 = (595, 842)
NAMES = (
    "../../etc/passwd", "C:\\Windows\\system32\\evil.png", "page\u202egnp.exe", "page\r\nSet-Cookie: a=b.png", "page\0.html",
    "CON", "aux.jpg", ".htaccess", "x" * 4000 + ".jpg", "<script>alert(1)</script>.svg", "'; DROP TABLE scans;--.pdf",
)  # fmt: skip


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, body: bytes, *more: bytes) -> bytes:
    """A PNG that claims a size and holds whatever body."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(pages: int = 1, size: tuple[int, int] = A4, filled_in: str = "", author: str = "", typeface: Path | None = None) -> bytes:
    """A PDF with a line of text on each page, and a form field where something is filled in; `typeface` is carried in it."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    canvas.setAuthor(author)
    if typeface:
        pdfmetrics.registerFont(TTFont("carried", str(typeface)))
    for number in range(pages):
        canvas.setFont("carried" if typeface else "Helvetica", 12)
        canvas.drawString(50, 700, f"page {number + 1}")
        if filled_in:
            canvas.acroForm.textfield(name=f"field{number}", value=filled_in, x=50, y=500, width=200, height=30)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def loaded_pdf(word: str) -> bytes:
    """A PDF that carries a word in everything that is not seen: script, attachment, link, metadata, author."""
    paper, out = pikepdf.open(BytesIO(pdf(author=word))), BytesIO()
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"app.alert('{word}')")
    paper.Root.OpenAction = paper.make_indirect(script)
    paper.attachments[f"{word}.html"] = pikepdf.AttachedFileSpec(paper, f"<script>{word}</script>".encode())  # type: ignore[call-arg]
    goes = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"https://{word}.example/")
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 99, 99], A=goes)
    paper.pages[0].Annots = pikepdf.Array([paper.make_indirect(link)])
    with paper.open_metadata() as metadata:
        metadata["dc:title"] = word
    paper.save(out)
    return out.getvalue()


def locked_pdf() -> bytes:
    paper, out = pikepdf.open(BytesIO(pdf())), BytesIO()
    paper.save(out, encryption=pikepdf.Encryption(owner="amber-cloud", user="amber-cloud"))
    return out.getvalue()


def pdf_bomb(size: int) -> bytes:
    """A page whose content unfolds to `size` bytes."""
    paper, out, packed = pikepdf.new(), BytesIO(), zlib.compressobj(9)
    paper.add_blank_page(page_size=A4)
    body = b"".join(packed.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)) + packed.flush()
    paper.pages[0].Contents = pikepdf.Stream(paper, body, Filter=pikepdf.Name.FlateDecode)
    paper.save(out)
    return out.getvalue()


def nested_pdf(depth: int) -> bytes:
    """A PDF whose page tree is as deep as that, and leads back to itself."""
    kids = b"".join(b"%d 0 obj <</Type/Pages/Count 1/Kids[%d 0 R]>> endobj\n" % (n, n + 1) for n in range(2, depth))
    end = b"%d 0 obj <</Type/Pages/Count 1/Kids[2 0 R]>> endobj\n" % depth
    return b"%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n" + kids + end + b"trailer <</Root 1 0 R>>\n%%EOF"


def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("payload.html", "<script>alert(1)</script>")
    return out.getvalue()
