"""Pictures and things that look like some, made as tests need them."""

import struct
import zlib
from io import BytesIO

from PIL import Image


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_head(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and has next to nothing in it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")


def picture(kind: str = "PNG", size: tuple[int, int] = (640, 400), **values) -> bytes:
    """A real picture."""
    found = BytesIO()
    Image.new("RGB", size, (30, 90, 200)).save(found, kind, **values)
    return found.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
# What X5 names: (name that lies, bytes, what it is). None of it is ever shown as what it is.
MARKUP = [
    ("logo.svg", SVG, "image/svg+xml"), ("photo.png", b'<?xml version="1.0"?>\n<!-- x -->' + SVG, "image/svg+xml"), ("photo.jpg", HTML, "text/html"), ("a.pdf", b"\xef\xbb\xbf \n\t" + HTML, "text/html"),
    ("page.xhtml", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>', "text/html"), ("data.xml", b'<?xml version="1.0"?><a/>', "application/xml"),
    ("sheet.xsl", b'<?xml-stylesheet href="javascript:alert(1)"?><a/>', "application/xml"), ("x.txt", b"<script>alert(1)</script>", "text/html"), ("y.txt", b"<b>bold</b>", "text/html"),
    ("wide.txt", "\ufeff<html><script>alert(1)</script></html>".encode("utf-16-le"), "text/html"), ("s.gif", b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
]
POLYGLOT = b"GIF89a/*\x01\x00\x00\x00\x00*/=1;alert(1)//"
