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


def test_a_missing_text_would_be_found(monkeypatch):
    """The control: take one translation away and the test names it."""
    have = tool.load("es")
    victim = next(m for m in have if m.id and isinstance(m.id, str) and m.string)
    victim.string = ""
    monkeypatch.setattr(tool, "load", lambda code: have)
    assert victim.id in tool.missing("es")
