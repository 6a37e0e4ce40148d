"""The mark as pictures of points, for home screens that take no SVG: drawn here when the browser files are built.

The shapes are those of web/ui/static/mark.svg (a test compares): a square with round corners and a T of round strokes.
"""

import struct
import zlib

FIELD, CORNER, STROKE = 28.0, 7.0, 1.5
BARS = ((8.2, 9.2, 19.8, 9.2), (14.0, 9.2, 14.0, 20.2))
BLUE, WHITE = (0x21, 0x5C, 0xD0), (0xFF, 0xFF, 0xFF)
# name -> (size, to the very edge, size of the T in it): "maskable" ones are cut to any shape, so they have no corners.
ICONS = {"icon-192.png": (192, False, 1.0), "icon-512.png": (512, False, 1.0), "icon-mask.png": (512, True, 0.8), "icon-touch.png": (180, True, 0.9)}


def draw(name: str) -> bytes:
    """One of ICONS as a PNG with transparency."""
    size, whole, scale = ICONS[name]
    unit, rows = FIELD / size, []
    for y in range(size):
        row = bytearray(b"\0")
        for x in range(size):
            row += _point((x + 0.5) * unit, (y + 0.5) * unit, unit, whole, scale)
        rows.append(bytes(row))
    return _png(size, b"".join(rows))


def _point(x: float, y: float, unit: float, whole: bool, scale: float) -> bytes:
    """Colour of one point: how much of it lies in the square, how much in the T; half a point of edge is soft."""
    square = 1.0 if whole else _inside(_out_of_square(x, y), unit)
    if not square:
        return b"\0\0\0\0"
    middle = FIELD / 2
    letter = _inside(min(_to_bar((x - middle) / scale + middle, (y - middle) / scale + middle, *bar) for bar in BARS) - STROKE, unit / scale)
    return bytes((*(round(blue + (white - blue) * letter) for blue, white in zip(BLUE, WHITE, strict=True)), round(255 * square)))


def _inside(distance: float, unit: float) -> float:
    return min(1.0, max(0.0, 0.5 - distance / unit))


def _out_of_square(x: float, y: float) -> float:
    """How far out of the square with round corners; negative inside."""
    half = FIELD / 2 - CORNER
    dx, dy = abs(x - FIELD / 2) - half, abs(y - FIELD / 2) - half
    return (max(dx, 0.0) ** 2 + max(dy, 0.0) ** 2) ** 0.5 + min(max(dx, dy), 0.0) - CORNER


def _to_bar(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> float:
    """How far from the middle line of a stroke with round ends."""
    dx, dy = x2 - x1, y2 - y1
    along = min(1.0, max(0.0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy)))
    return ((x - x1 - along * dx) ** 2 + (y - y1 - along * dy) ** 2) ** 0.5


def _png(size: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
