"""Every text in every language: none missing, none with other parameters than the English."""

import re

import pytest

from infra import translations_tool as tool
from infra.i18n import LANGUAGES

OTHERS = [code for code in LANGUAGES if code != "en"]
PARAMETER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_missing(code):
    assert tool.missing(code) == []


@pytest.mark.parametrize("code", OTHERS)
def test_translations_take_the_same_parameters(code):
    for message in tool.load(code):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        allowed = [sorted(PARAMETER.findall(i)) for i in ids]
        for text in message.string if isinstance(message.string, tuple | list) else (message.string,):
            found = sorted(PARAMETER.findall(text))
            assert found in allowed or (len(ids) > 1 and set(found) <= set(sum(allowed, []))), (message.id, text)


@pytest.mark.parametrize("code", OTHERS)
def test_plurals_are_whole(code):
    catalogue = tool.load(code)
    for message in catalogue:
        if isinstance(message.id, tuple | list):
            assert len(message.string) == catalogue.num_plurals


JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.S)
UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1>|<kbd>.*?</kbd>|<[^>]*>|&[a-z]+;", re.S)
SPOKEN = re.compile(r"\s(?:aria-label|title|placeholder|alt)=\"([^\"]*[A-Za-z]{2}[^\"]*)\"")
# Names and units, and the words that blocks hand to the layout as a class.
NAMES = {"Tendero", "px", "API", "PDF", "MB", "wide", "site"}
EXAMPLES = {"your-company"}
PAGES = [p for p in (tool.ROOT / "web").rglob("*.html") if "node_modules" not in p.parts and p.name not in ("ui_gallery.html", "_show.html")]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(tool.ROOT).as_posix())
def test_no_template_says_anything_that_is_not_marked(page):
    """Whatever a reader sees or hears goes through the catalogues."""
    text = JINJA.sub(" ", page.read_text())
    words = set(re.findall(r"[A-Za-z]{2,}", UNSEEN.sub(" ", text))) - NAMES
    spoken = [s for s in SPOKEN.findall(text) if s not in EXAMPLES]
    assert (words, spoken) == (set(), [])


def test_a_missing_text_would_be_found(monkeypatch):
    """The control: take one translation away and the test names it."""
    have = tool.load("es")
    victim = next(m for m in have if m.id and isinstance(m.id, str) and m.string)
    victim.string = ""
    monkeypatch.setattr(tool, "load", lambda code: have)
    assert victim.id in tool.missing("es")
