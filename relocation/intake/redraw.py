"""A program of its own, started by `pictures`: reads a picture from standard input, writes its pixels anew as JPEG.

It limits itself before it looks at a single byte. Exit codes: 3 too many pixels, 4 not a picture, 5 too much memory.
"""

import resource
import sys
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MEMORY = 200 * 1000 * 1000  # bytes of address space
SECONDS = 10  # of processor time
PIXELS = 25_000_000
KEPT = 12_000_000  # a page stays legible; above that every second pixel row and column goes
STRIP = 512  # rows
QUALITY = 88
TOO_MANY, NO_PICTURE, NO_MEMORY = 3, 4, 5


def limit() -> None:
    """Bound memory (Linux only: elsewhere it cannot be set), time and files; no core dump."""
    bounds = [(resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)]
    if sys.platform == "linux":
        bounds.append((resource.RLIMIT_AS, MEMORY))
    for what, most in bounds:
        resource.setrlimit(what, (most, most))


def redraw(data: bytes) -> bytes:
    """The picture as JPEG with nothing but pixels, upright, on white. Raises what Pillow raises."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # judged here instead, before anything is decoded
    with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as image:
        if image.width * image.height > PIXELS:
            sys.exit(TOO_MANY)
        turn = image.getexif().get(0x0112, 1)
        flat = flattened(image)
    flat.getexif()[0x0112] = turn
    ImageOps.exif_transpose(flat, in_place=True)
    bare = BytesIO()
    flat.save(bare, "JPEG", quality=QUALITY, exif=b"", icc_profile=None)
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
        bare = redraw(sys.stdin.buffer.read())
    except MemoryError:
        sys.exit(NO_MEMORY)
    except Exception:
        sys.exit(NO_PICTURE)  # whatever is wrong with it, and nothing of it on standard error
    sys.stdout.buffer.write(bare)


if __name__ == "__main__":
    main()
