"""Names that may be ours or somebody's own go through the translator too (roles, views): they stay text (RELIABILITY X6)."""

from uuid import uuid4

import pytest

from core.identity import roles
from infra import i18n
from tests.support.world import House

EVIL = '<script>window.hacked=1</script>"><img src=x>'


@pytest.fixture(scope="module")
def house(app):
    return House(f"words-{uuid4().hex[:6]}")


def shown(app, house, name, path="/settings/members"):
    from tests.support.world import Browser

    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), name=name)
    return Browser(app, house, "owner").get(path)


@pytest.mark.parametrize("path", ["/settings/members", "/settings/roles/", "/settings/teams/", "/settings/sign-in"])
def test_a_role_named_like_markup_is_text(app, house, path):
    answer = shown(app, house, EVIL, path)
    assert answer.status_code in (200, 404) and "<script>window" not in answer.text and "<img src=x>" not in answer.text


@pytest.mark.parametrize("name", ["100 %", "%(n)s of %(limit)s seats taken", "50%(x)s", "%s", "%%"])
def test_a_role_named_like_a_pattern_is_text(app, house, name):
    answer = shown(app, house, name)
    assert answer.status_code == 200 and name in answer.text


def said(app, message, **values):
    with app.test_request_context("/", base_url="http://localhost"):
        return app.jinja_env.from_string("{{ _(message, **values) }}").render(message=message, values=values)


def test_what_is_ours_is_said_as_before(app):
    assert i18n.is_ours("Take access away") and not i18n.is_ours(EVIL)
    assert said(app, "%(n)s of %(limit)s seats taken", n="<b>", limit=5) == "&lt;b&gt; of 5 seats taken"
    assert said(app, "Take access away") == "Take access away"
    assert said(app, "A message not yet in a catalogue, %(n)s", n="<b>") == "A message not yet in a catalogue, &lt;b&gt;"


def test_jinjas_own_translator_would_let_it_through(app, house, monkeypatch):
    """Negative control."""
    from jinja2.ext import _make_new_gettext

    from web import context

    monkeypatch.setitem(app.jinja_env.globals, "_", _make_new_gettext(context._gettext))
    app.jinja_env.cache.clear()
    assert "<script>window" in shown(app, house, EVIL).text
    app.jinja_env.cache.clear()
