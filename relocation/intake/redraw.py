"""A program of its own, started by `uploads`: reads a picture or a PDF from standard input, writes its pages anew as JPEG.

It limits itself before it looks at a single byte, and can open nothing more before it decodes one. Each page is written with
its length before it. Exit codes: 3 too many pixels, 4 cannot be read, 5 too much memory, 6 too many pages, 7 locked,
8 every page is drawn, though some writing needs a typeface that the file does not carry.
"""

import resource
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

MEMORY = 200 * 1000 * 1000  # bytes of address space
SECONDS = 10  # of processor time
PIXELS = 25_000_000
KEPT = 12_000_000  # a page stays legible; above that every second pixel row and column goes
STRIP = 512  # rows
QUALITY = 88
PAGES = 20  # of a PDF
DPI, PAGE_PIXELS = 150, 5_000_000  # of a page of a PDF; a poster is drawn more coarsely
TOO_MANY, NO_PICTURE, NO_MEMORY, TOO_LONG, LOCKED, NO_TYPEFACE = 3, 4, 5, 6, 7, 8


def limit() -> None:
    """Bound memory (Linux only: elsewhere it cannot be set), time, files and processes; no core dump."""
    bounds = [(resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, 0)]
    if sys.platform == "linux":
        bounds.append((resource.RLIMIT_AS, MEMORY))
    for what, most in bounds:
        resource.setrlimit(what, (most, most))


def shut() -> None:
    """From here on no file and no connection can be opened: only what was read and what will be written is left."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def framed(pages: Iterator[bytes]) -> Iterator[bytes]:
    """Each page with its length before it."""
    for page in pages:
        yield len(page).to_bytes(4, "big")
        yield page


def unframed(answer: bytes) -> Iterator[bytes]:
    """The pages of an answer, for whoever started the program; one that broke off in the middle is left out."""
    at = 0
    while 0 < (size := int.from_bytes(answer[at : at + 4], "big")) <= len(answer) - at - 4:
        yield answer[at + 4 : at + 4 + size]
        at += 4 + size


def redrawn(data: bytes) -> Iterator[bytes]:
    """The pages as JPEG. Whatever is needed to read them is loaded, then the doors are shut."""
    from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin  # noqa: F401

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # judged here instead, before anything is decoded
    if not data.startswith(b"%PDF-"):
        shut()
        yield picture(data)
        return
    import pypdfium2

    shut()
    yield from pages(data, pypdfium2)


def pages(data: bytes, pdfium: Any) -> Iterator[bytes]:
    """Every page of a PDF as it looks, with what was filled in and stamped; scripts, links and attachments stay behind.

    The library is built without a script engine, and what it may not open it cannot load.
    """
    try:
        paper = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as trouble:
        sys.exit(LOCKED if trouble.err_code == pdfium.raw.FPDF_ERR_PASSWORD else NO_PICTURE)
    if len(paper) > PAGES:
        sys.exit(TOO_LONG)
    paper.init_forms()
    lacks = False
    for number in range(len(paper)):
        page = paper[number]
        scale = min(DPI / 72, (PAGE_PIXELS / max(1, page.get_width() * page.get_height())) ** 0.5)
        yield jpeg(page.render(scale, rev_byteorder=True).to_pil())
        lacks = lacks or lacks_typeface(page, pdfium)
        page.close()
    if lacks:
        sys.exit(NO_TYPEFACE)


def lacks_typeface(page: Any, pdfium: Any) -> bool:
    """Whether some writing on the page is in a typeface that the file does not carry, so that letters may be missing."""
    raw = pdfium.raw
    written = page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])
    return any(raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(one)) == 0 for one in written)


def picture(data: bytes) -> bytes:
    """The picture as JPEG with nothing but pixels, upright, on white. Raises what Pillow raises."""
    from PIL import Image, ImageOps

    with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as image:
        if image.width * image.height > PIXELS:
            sys.exit(TOO_MANY)
        turn = image.getexif().get(0x0112, 1)
        flat = flattened(image)
    flat.getexif()[0x0112] = turn
    ImageOps.exif_transpose(flat, in_place=True)
    return jpeg(flat)


def jpeg(image: "Image.Image") -> bytes:
    """Pixels and nothing else."""
    bare = BytesIO()
    image.save(bare, "JPEG", quality=QUALITY, exif=b"", icc_profile=None)
    return bare.getvalue()


def flattened(image: "Image.Image") -> "Image.Image":
    """RGB on white, strip by strip, so that never two whole copies lie in memory."""
    from PIL import Image

    step = 2 if image.width * image.height > KEPT else 1
    if step == 2:
        image.draft("RGB", (image.width // 2, image.height // 2))  # a JPEG shrinks while it is decoded
        step = 2 if image.width * image.height > KEPT else 1
    page = Image.new("RGB", (-(-image.width // step), -(-image.height // step)), "white")
    for top in range(0, image.height, STRIP):
        strip = on_white(image.crop((0, top, image.width, min(top + STRIP, image.height))))
        page.paste(strip.reduce(step) if step > 1 else strip, (0, top // step))
    return page


def on_white(strip: "Image.Image") -> "Image.Image":
    """One strip without transparency and with eight bits a colour."""
    from PIL import Image

    if strip.mode.startswith("I"):
        strip = strip.point(lambda value: value / 256).convert("L")
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    clear = strip.convert("RGBA")
    flat = Image.new("RGB", strip.size, "white")
    flat.paste(clear, mask=clear.getchannel("A"))
    return flat


def main() -> None:
    """Read, redraw, write."""
    limit()
    try:
        for part in framed(redrawn(sys.stdin.buffer.read())):
            sys.stdout.buffer.write(part)
    except MemoryError:
        sys.exit(NO_MEMORY)
    except Exception:
        sys.exit(NO_PICTURE)  # whatever is wrong with it, and nothing of it on standard error
    finally:
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
