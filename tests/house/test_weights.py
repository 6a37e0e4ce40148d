"""The sheets of a page together stay within what a page may weigh; the sweep weighs whole pages, later."""

import re
from pathlib import Path

from infra.assets import SHEETS, manifest
from tests.support.weights import CSS_BUDGET

ROOT = Path(__file__).parents[2]
SHEET = re.compile(r"asset\('([a-z]+\.css)'\)")


def test_no_page_links_more_style_than_it_may_weigh():
    names = manifest(ROOT)
    weight = {f"{sheet}.css": (ROOT / f"web/ui/static/dist/{names[f'{sheet}.css']}.br").stat().st_size for sheet in SHEETS}
    linked = {str(path): {*SHEET.findall(path.read_text()), "app.css"} for path in ROOT.glob("web/*/templates/**/*.html")}
    heavy = {page: sum(weight[sheet] for sheet in sheets) for page, sheets in linked.items() if sum(weight[sheet] for sheet in sheets) > CSS_BUDGET}
    assert heavy == {} and set().union(*linked.values()) == set(weight), "each sheet is on a page"
