"""One table of keys: no template and no module has a key that the table, and so the help, does not know."""

import re
from pathlib import Path

from web.keys import KEYS
from web.nav import all_items

WEB = Path(__file__).resolve().parents[2] / "web"
KNOWN = {key.press for key in KEYS}
IN_TEMPLATE = re.compile(r"""\bkey="([^"{]+)"|data-hotkey="([^"{]+)"|'data-hotkey': '([^']+)'""")
# "event.key === 'j'", not the keys that every dialog and menu has.
IN_MODULE = re.compile(r"""\bkey\s*===\s*["']([^"']+)["']""")
NATIVE = {"Enter", "Escape", "Backspace", "ArrowDown", "ArrowUp", "Tab"}


def stray(template: str = "", module: str = "") -> set[str]:
    found = {next(filter(None, match)) for match in IN_TEMPLATE.findall(template)} | (set(IN_MODULE.findall(module)) - NATIVE)
    return {key for key in found if key not in KNOWN and not key.startswith("g ")}


def test_every_key_of_a_template_is_in_the_table():
    for path in WEB.rglob("*.html"):
        if "node_modules" not in path.parts:
            assert stray(template=path.read_text()) == set(), path.name


def test_every_key_of_a_module_comes_from_the_table():
    for path in (WEB / "ui" / "static" / "js").glob("*.js"):
        assert stray(module=path.read_text()) == set(), path.name


def test_a_stray_key_is_found():
    """Negative control."""
    assert stray('{{ ui.button(key="q") }}<a data-hotkey="z">', 'if (event.key === "u") go()') == {"q", "z", "u"}


def test_no_key_means_two_things():
    assert len(KNOWN) == len(KEYS) == len({key.name for key in KEYS})


def test_every_place_of_the_side_bar_has_its_own_key(app):
    """Seen failing: Notifications and Import were both "g i"."""
    with app.app_context():
        keys = [item.key for item in all_items() if item.key]
    assert sorted(keys) == sorted(set(keys)) and all(re.fullmatch("g [a-z]", key) for key in keys)
