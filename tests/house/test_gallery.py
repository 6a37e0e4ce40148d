"""The /_ui page shows every part of the interface: what is not there is looked at by nobody before it is used."""

import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
PARTS, GALLERY = (WEB / "ui" / "templates" / name for name in ("ui.html", "ui_gallery.html"))
# Of ui.html, with the reason why they have no place of their own there.
INSIDE = {"csrf": "a hidden field of each form", "hue_of": "the word of a colour, in each avatar"}


def macros(text: str) -> set[str]:
    """What templates may call; a name that begins with _ is its file's own."""
    return {name for name in re.findall(r"{%-? *macro (\w+)\(", text) if not name.startswith("_")}


def unseen(parts: str, shown: str) -> set[str]:
    return {name for name in macros(parts) if not re.search(rf"\bui\.{name}\(", shown)}


def test_every_part_is_shown():
    assert len(macros(PARTS.read_text())) > 45
    assert unseen(PARTS.read_text(), GALLERY.read_text()) == set(INSIDE)


def test_a_part_that_is_not_shown_is_found():
    """Negative control."""
    assert unseen(PARTS.read_text() + "{% macro quote(x) %}{% endmacro %}", GALLERY.read_text()) == {*INSIDE, "quote"}


PAGES = [path for path in WEB.rglob("*.html") if "node_modules" not in path.parts]


@pytest.mark.parametrize("page", [path for path in PAGES if path not in (PARTS, GALLERY) and macros(path.read_text())], ids=lambda path: path.name)
def test_a_macro_beside_them_serves_its_own_room_alone(page):
    """What two rooms use stands in ui.html, so that the gallery has it; what one room uses is opened with that room's pages."""
    name, room = f"{page.parent.name}/{page.name}", page.relative_to(WEB).parts[0]
    users = {path.relative_to(WEB).parts[0] for path in PAGES if re.search(rf'(from|import) "{re.escape(name)}"', path.read_text())}
    assert users <= {room}, users
