"""Long words: a name without a space, and Russian where the English was shorter. Nothing bursts its place or lies under another."""

from uuid import uuid4

import pytest

from core.identity.models import User
from core.notifications.models import Notification
from core.parties.actions import create_account
from tests.support.looking import look, opened
from tests.support.world import House

NAME = "Ж" + "w" * 180 + " GmbH"
OUT = """() => [...document.querySelectorAll('.top, .top *, .hero, .hero *, .toast, .toast *')].filter((el) => {
  const box = el.getBoundingClientRect();
  return box.width > 1 && !el.closest('.sr, [hidden]') && (box.left < 0 || box.right > innerWidth + 1);
}).map((el) => el.className || el.tagName)"""


@pytest.fixture
def house(server, room):
    return House(f"long-{uuid4().hex[:6]}")


@pytest.mark.parametrize(("width", "height", "scheme"), [(1440, 900, "light"), (360, 740, "dark")], ids=["desk", "phone"])
def test_a_long_name_breaks_and_bursts_nothing(person, sign_in, house, width, height, scheme):
    with house.ctx() as ctx:
        account = create_account(ctx, name=f"{NAME} {width}")
        ctx.session.flush()
        below = create_account(ctx, name=f"{NAME} {width} {width}", parent_id=account.id)
        key = below.id
    someone = person(viewport={"width": width, "height": height}, color_scheme=scheme)
    url = sign_in(someone, house)
    page = opened(someone, f"{url}/accounts/{key}")
    page.evaluate("name => import('tendero/dom').then((dom) => dom.toast(`${name} is saved`, { undo: () => {} }))", NAME)
    page.locator(".toast").wait_for()
    look(someone, "record", of=f"long-{width}")
    assert page.evaluate(OUT) == []
    assert page.evaluate("() => ['.hero h1', '.toast span', '.hero .grow'].filter((one) => { const el = document.querySelector(one); return el.scrollWidth > el.clientWidth + 1; })") == []
    assert page.locator(".toast [data-undo]").evaluate("el => el.offsetHeight <= 44"), "Undo breaks letter by letter"
    page = opened(someone, f"{url}/accounts/{key}/edit")
    look(someone, "edit", of=f"long-{width}")
    assert page.evaluate(OUT) == []


def test_russian_words_lie_under_nothing(person, sign_in, house):
    with house.ctx() as ctx:
        ctx.session.get_one(User, ctx.actor.id).locale = "ru"
        ctx.session.add(Notification(user_id=ctx.actor.id, kind="finished", params={"say": "told.takeout_finished"}))
    phone, desk = person(viewport={"width": 360, "height": 740}), person(viewport={"width": 1440, "height": 900})
    page = opened(phone, sign_in(phone, house) + "/notifications")
    look(phone, "notifications", of="ru")
    assert page.locator(".top h1").evaluate("el => el.scrollWidth <= el.clientWidth"), "the title lies under the button"
    assert page.get_by_role("button", name="Отметить все прочитанными").is_visible()
    page = opened(desk, sign_in(desk, house) + "/settings/members")
    look(desk, "people", of="ru")
    choices = page.locator(".people select[name=role]")
    assert choices.count() and choices.evaluate_all("""all => all.every((el) => {
      const pen = document.createElement('canvas').getContext('2d'), style = getComputedStyle(el);
      pen.font = style.font;
      const room = el.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      return [...el.options].every((option) => pen.measureText(option.text).width <= room + 1);
    })"""), "a role is cut"
