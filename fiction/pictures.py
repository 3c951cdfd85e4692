"""Pictures of invented documents, drawn here so that no real one is ever needed."""

from io import BytesIO

from PIL import Image, ImageDraw


def passport(title: str, name: str, mrz: str) -> bytes:
    """A page that looks like a data page and says that it is none. JPEG, 1240 by 874 pixels."""
    page = Image.new("RGB", (1240, 874), "#f3efe4")
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 1240, 110), fill="#0d5a61")
    pen.text((40, 30), f"{title} - SPECIMEN", fill="white", font_size=44)
    pen.rectangle((60, 170, 380, 580), fill="#c9c2b0")
    pen.ellipse((140, 220, 300, 380), fill="#8f8877")
    pen.ellipse((100, 390, 340, 640), fill="#8f8877")
    pen.rectangle((60, 580, 380, 650), fill="#f3efe4")
    pen.text((440, 190), name, fill="#18272d", font_size=40)
    pen.text((60, 720), mrz, fill="#18272d", font_size=30, spacing=16)
    return _jpeg(page)


def photograph() -> bytes:
    """A portrait of nobody, 35 by 45 in proportion. JPEG."""
    portrait = Image.new("RGB", (700, 900), "#dfe7e6")
    pen = ImageDraw.Draw(portrait)
    pen.ellipse((220, 160, 480, 470), fill="#7c8f8d")
    pen.ellipse((120, 500, 580, 1100), fill="#4e6462")
    return _jpeg(portrait)


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()
