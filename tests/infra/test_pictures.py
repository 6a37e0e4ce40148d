"""What a file is, told from its content; pictures that must not be decoded."""

from io import BytesIO

import pytest
from PIL import Image

from infra import pictures
from infra.filetypes import type_of
from tests.support.pictures import HTML, MARKUP, POLYGLOT, picture, png_head


@pytest.fixture
def kept(tmp_path):
    """kept(bytes): a file with them in it, of no telling name."""

    def keep(data):
        path = tmp_path / "x"
        path.write_bytes(data)
        return path

    return keep


@pytest.mark.parametrize(("name", "data", "kind"), MARKUP, ids=[f"{name}-{n}" for n, (name, _, _) in enumerate(MARKUP)])
def test_markup_is_known_for_what_it_is_whatever_it_is_called(kept, name, data, kind):
    assert type_of(kept(data)) == kind


@pytest.mark.parametrize(("data", "kind"), [
    (picture(), "image/png"), (picture("JPEG"), "image/jpeg"), (picture("GIF"), "image/gif"), (picture("WEBP"), "image/webp"), (b"%PDF-1.7\n%...", "application/pdf"),
    (b"name,city\nNordlicht,Kiel\n", "text/plain"), ("\u4f60\u597d".encode() * 4000, "text/plain"), (b"\x00\x01\x02" * 50, "application/octet-stream"), (b"PK\x03\x04" + b"\x00" * 60, "application/zip"),
    (b"a < b and b > c", "text/plain"), (b"\xff\xfe\xfd", "application/octet-stream"), (POLYGLOT, "image/gif"), (b"x", "text/plain"),
])
def test_the_content_says_what_a_file_is(kept, data, kind):
    assert type_of(kept(data)) == kind


@pytest.mark.parametrize("size", [(65_500, 65_500), (50_000_001, 1), (2**31 - 1, 2**31 - 1), (10_000, 5_001)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_head(kept, size):
    with pytest.raises(pictures.PictureRefused):
        pictures.size_of(kept(png_head(*size)))
    assert pictures.thumbnail(kept(png_head(*size))) is None


def test_without_the_limit_it_would_be_decoded(kept, monkeypatch):
    """Negative control: the same head passes where nothing limits it."""
    monkeypatch.setattr(pictures, "MOST_PIXELS", 10**10)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert pictures.size_of(kept(png_head(65_500, 65_500))) == (65_500, 65_500)


@pytest.mark.parametrize("data", [b"", b"x", picture()[:200], b"\x89PNG\r\n\x1a\n", HTML, b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", png_head(100, 100)])
def test_what_is_no_picture_or_a_broken_one_has_no_small_copy(kept, data):
    assert pictures.thumbnail(kept(data)) is None


def test_the_small_copy_is_small_and_has_nothing_of_the_original_in_it(kept):
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    hidden = picture("JPEG", (2000, 1000), exif=exif) + HTML
    small = pictures.thumbnail(kept(hidden))
    assert b"secret place" in hidden and b"secret place" not in small and b"<script>" not in small
    with Image.open(BytesIO(small)) as found:
        assert (found.format, found.size) == ("WEBP", (320, 160))


def test_a_picture_is_turned_as_its_camera_was(kept):
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(BytesIO(pictures.thumbnail(kept(picture("JPEG", (400, 200), exif=exif))))) as found:
        assert found.size[0] < found.size[1]
