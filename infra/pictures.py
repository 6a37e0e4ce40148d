"""Small pictures of pictures. How large one is, is read off its head before a pixel is decoded (RELIABILITY 0.7, X10)."""

import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

# Decoders that are well kept and that people's files need; no other is ever tried.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
MOST_PIXELS = 50_000_000
EDGE = 320
EMBLEMS, EMBLEM_EDGES, EMBLEM_BYTES = ("JPEG", "PNG", "GIF", "WEBP"), (800, 500), 1024 * 1024
THUMBNAIL = "image/webp"


class PictureRefused(ValueError):
    """A picture that is not to be decoded: too many pixels."""


def size_of(path: Path) -> tuple[int, int] | None:
    """(width, height) of a picture, from its head alone; None for what is none of FORMATS or is damaged. Refuses more
    than 50 million pixels."""
    try:
        with _open(path) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, Image.DecompressionBombError):
            raise PictureRefused from None
        return None
    if width * height > MOST_PIXELS:
        raise PictureRefused
    return width, height


def thumbnail(path: Path) -> bytes | None:
    """A small copy, encoded anew: nothing of the original's bytes is in it, neither notes nor places nor a hidden second
    file. None where it can't be decoded or is refused."""
    try:
        if size_of(path) is None:
            return None
        with _open(path) as picture:
            picture.draft("RGB", (EDGE * 2, EDGE * 2))  # a JPEG is decoded no larger than it is needed
            small = ImageOps.exif_transpose(picture)
            small.thumbnail((EDGE, EDGE))
            found = BytesIO()
            small.convert("RGBA" if small.has_transparency_data else "RGB").save(found, "WEBP", quality=80, method=4)
            return found.getvalue()
    except (PictureRefused, OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return None


def emblem(content: bytes, most: int) -> tuple[bytes, int, int] | None:
    """A logo as (PNG, width, height), drawn anew and no larger than paper needs; None for what is no picture of EMBLEMS. Refuses more than
    `most` pixels, read off the head: so few that whoever brings one may wait for it."""
    try:
        with _open(BytesIO(content), EMBLEMS) as picture:
            if picture.size[0] * picture.size[1] > most:
                raise PictureRefused
            drawn = ImageOps.exif_transpose(picture)
            drawn = drawn.convert("RGBA" if drawn.has_transparency_data else "RGB")
            for edge in EMBLEM_EDGES:  # what is no drawing may need to be smaller
                drawn.thumbnail((edge, edge))
                drawn.save(found := BytesIO(), "PNG", optimize=True)
                if found.tell() <= EMBLEM_BYTES:
                    break
            return found.getvalue(), *drawn.size
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise PictureRefused from None
    except (OSError, ValueError, SyntaxError, MemoryError):
        return None


def _open(path: Path | BytesIO, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit speaks
        return Image.open(path, formats=formats)
