"""Files that carry a word in everything that is not seen: what a camera, a scanner or an office program writes beside it."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image, PngImagePlugin
from PIL.ExifTags import IFD, Base

from tests.intake.hostile import chunk, loaded_pdf, picture

XMP = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><dc:creator>{}</dc:creator></rdf:RDF></x:xmpmeta>"


def exif(**told: object) -> Image.Exif:
    """EXIF with these tags of its first directory."""
    made = Image.Exif()
    for name, value in told.items():
        made[Base[name]] = value
    return made


def gps(word: str) -> bytes:
    made = exif(Make=word, Model=word, Artist=word, ImageDescription=word)
    made.get_ifd(IFD.GPSInfo).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "E", 4: (0.0, 7.0, 39.0), 27: word.encode()})
    return picture(exif=made)


def segment(marker: int, body: bytes) -> Callable[[bytes], bytes]:
    """Put a segment behind the beginning of a JPEG."""
    return lambda jpeg: jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def thumbnail(word: str) -> bytes:
    """A small picture within the EXIF, with a comment of its own."""
    return segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0" + picture(comment=word.encode()))(picture())


def png_texts(word: str) -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", word)
    texts.add_text("Comment", word, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.format(word), zip=True)
    return picture("PNG", pnginfo=texts, exif=exif(Artist=word))


def png_chunk(word: str) -> bytes:
    whole = picture("PNG")
    return whole[:33] + chunk(b"prVt", word.encode()) + whole[33:] + zlib.compress(word.encode())


def word_file(word: str) -> bytes:
    """Which is neither a picture nor a PDF, and is not kept at all."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("docProps/core.xml", f"<dc:creator>{word}</dc:creator>")
    return out.getvalue()


CARRIERS: dict[str, Callable[[str], bytes]] = {
    "GPS and camera (EXIF)": gps,
    "XMP": lambda word: segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP.format(word).encode())(picture()),
    "IPTC": lambda word: segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + word.encode())(picture()),
    "JPEG comment": lambda word: picture(comment=word.encode()),
    "thumbnail": thumbnail,
    "colour profile": lambda word: picture(icc_profile=word.encode() * 9),
    "behind the end of a JPEG": lambda word: picture() + word.encode(),
    "texts of a PNG": png_texts,
    "chunk of a PNG and behind its end": png_chunk,
    "author, script, attachment and link of a PDF": loaded_pdf,
    "properties of a docx": word_file,
}
