"""What is done twenty times a day, by keyboard alone and by thumb on a phone, against the clock (FEATURES 2.25): a contact in less than 8 s, a call in
less than 5, the next step in less than 4, at 200 ms for each key that goes down. The keys are counted and asserted; the waits
between them depend on the machine and are told (bin/test -s shows them)."""

import re
import time
from uuid import uuid4

import pytest

from core.parties.actions import create_account, create_contact
from tests.support.world import House

A_KEY = 0.2


class Hands:
    """Somebody at the keyboard: every key that goes down counts, Ctrl and Shift too; how long the page kept him waiting."""

    def __init__(self, someone):
        self.someone, self.page, self.keys, self.waited, self.last = someone, someone.page, 0, 0.0, 0.0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys += key.count("+") + 1 if len(key) > 1 else 1
            self.last = time.monotonic()
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        for sign in text:
            self.keys += 1 + sign.isupper()
            self.page.keyboard.type(sign)

    def wait(self, ready) -> None:
        """Until the page stands; what passes meanwhile is the product's, not the person's."""
        ready()
        self.waited += time.monotonic() - self.last

    def stopped(self, what: str, limit: float) -> None:
        print(f"{what}: {self.keys} keys, {self.keys * A_KEY:.1f} s of hands, {self.waited:.2f} s of waiting, limit {limit} s")  # noqa: T201
        assert self.keys * A_KEY < limit, f"{what}: {self.keys} keys are {self.keys * A_KEY:.1f} s"


@pytest.fixture(scope="module")
def house(server):
    return House(f"hands-{uuid4().hex[:6]}")


@pytest.fixture
def hands(person, sign_in, house):
    """hands(path): a salesperson whose page stands there."""
    def begin(path: str) -> Hands:
        someone = person(reduced_motion="reduce")
        url = sign_in(someone, house, "rep")
        someone.page.goto(url + path)
        someone.page.locator("html[data-ready]").wait_for(state="attached")
        return Hands(someone)

    return begin


def stands(page, address):
    """A page with that address, its script running."""
    def ready():
        page.wait_for_url(address)
        page.locator("html[data-ready]").wait_for(state="attached")
    return ready


def test_a_contact_with_a_mail_address(hands):
    hand = hands("/")
    hand.press("g", "c")
    hand.wait(stands(hand.page, "**/contacts"))
    hand.press("n")
    hand.wait(stands(hand.page, "**/contacts/new"))
    hand.type("Ana Gil")
    hand.press("Tab", "Tab", "Tab", "Tab")
    assert hand.page.evaluate("document.activeElement.name") == "mail"
    hand.type("ana@gil.example")
    hand.press("Enter")
    hand.wait(stands(hand.page, re.compile(r"/contacts/[0-9a-f-]{36}$")))
    assert "ana@gil.example" in hand.page.content()
    hand.stopped("contact", 8)


@pytest.fixture
def ana(house):
    with house.ctx("rep") as ctx:
        account = create_account(ctx, name=f"Gil {uuid4().hex[:6]}")
        ctx.session.flush()
        contact = create_contact(ctx, name="Ana Gil", account_id=account.id)
        ctx.session.flush()
        return {"accounts": account.id, "contacts": contact.id}


@pytest.mark.parametrize("room", ["contacts", "accounts"])
def test_a_call_that_nobody_answered(hands, ana, room):
    hand = hands(f"/{room}/{ana[room]}")
    hand.press("c")
    hand.wait(hand.page.locator("#body:focus").wait_for)
    hand.type("no answer, left word")
    hand.press("Control+Enter")
    hand.wait(hand.page.locator(".feed .body", has_text="no answer, left word").wait_for)
    hand.stopped(f"call ({room})", 5)


@pytest.mark.parametrize("room", ["contacts", "accounts"])
def test_the_next_step(hands, ana, room):
    hand = hands(f"/{room}/{ana[room]}")
    hand.press("c")
    hand.wait(hand.page.locator("#body:focus").wait_for)
    hand.press("Tab")
    if hand.page.evaluate("document.activeElement.name") != "next_contact":
        hand.press("Tab")
    assert hand.page.evaluate("document.activeElement.name") == "next_contact"
    hand.type("friday")
    hand.press("Control+Enter")
    hand.wait(hand.page.locator(".feed .ev.next").first.wait_for)
    hand.stopped(f"next step ({room})", 4)


def test_somebody_is_found_and_called_from_anywhere(hands, ana, house):
    """The palette: Ctrl K, a few letters, Enter; then the call."""
    with house.ctx("rep") as ctx:
        create_contact(ctx, name="Zoltan Weber", account_id=ana["accounts"])
    hand = hands("/")
    hand.press("Control+k")
    hand.wait(hand.page.locator("#palette[open]").wait_for)
    hand.type("zolt")
    hand.last = time.monotonic()
    hand.wait(hand.page.locator("#palette [data-found]", has_text="Zoltan Weber").wait_for)
    hand.press("Enter")
    hand.wait(stands(hand.page, re.compile(r"/contacts/[0-9a-f-]{36}")))
    hand.press("c")
    hand.wait(hand.page.locator("#body:focus").wait_for)
    hand.type("call back")
    hand.press("Control+Enter")
    hand.wait(hand.page.locator(".feed .body", has_text="call back").wait_for)
    hand.stopped("found and called", 5)


# A finger that aims at a button and lands, and a letter of two thumbs (Palin et al. 2019, MobileHCI: 36 words a minute for all, 45 for
# whoever writes with two thumbs and corrections: 0.27 s a letter).
A_TAP, A_LETTER = 0.6, 0.27


class Thumbs:
    """Somebody with a phone of 360 px: taps and letters count; whatever is tapped has to be on the screen."""

    def __init__(self, someone):
        self.page, self.taps, self.letters = someone.page, 0, 0

    def tap(self, what) -> None:
        self.taps += 1
        what.tap()

    def type(self, text: str) -> None:
        self.letters += len(text)
        self.page.keyboard.type(text)

    def stopped(self, what: str, limit: float) -> None:
        took = self.taps * A_TAP + self.letters * A_LETTER
        print(f"{what}: {self.taps} taps, {self.letters} letters, {took:.1f} s, limit {limit} s")  # noqa: T201
        assert took < limit, f"{what}: {self.taps} taps and {self.letters} letters are {took:.1f} s"


@pytest.fixture
def thumbs(person, sign_in, house):
    """thumbs(path): a salesperson with a phone whose page stands there."""
    def begin(path: str) -> Thumbs:
        someone = person(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, reduced_motion="reduce")
        someone.page.goto(sign_in(someone, house, "rep") + path)
        someone.page.locator("html[data-ready]").wait_for(state="attached")
        return Thumbs(someone)

    return begin


def test_a_contact_on_a_phone(thumbs):
    thumb = thumbs("/contacts")
    thumb.tap(thumb.page.locator(".tabbar .add"))
    thumb.tap(thumb.page.locator("#palette").get_by_text("Create contact"))
    stands(thumb.page, "**/contacts/new")()
    thumb.page.locator("[name=name]:focus").wait_for()
    thumb.type("Bo Li")
    thumb.tap(thumb.page.locator("[name=mobile]"))
    thumb.type("01715557014")
    thumb.page.keyboard.press("Enter")
    thumb.taps += 1
    stands(thumb.page, re.compile(r"/contacts/[0-9a-f-]{36}$"))()
    assert thumb.page.locator("a[href^='tel:']").first.is_visible()
    thumb.stopped("contact on a phone", 8)


@pytest.mark.parametrize("room", ["contacts", "accounts"])
def test_a_call_and_the_next_step_on_a_phone(thumbs, ana, room):
    thumb = thumbs(f"/{room}/{ana[room]}")
    thumb.tap(thumb.page.locator("#body"))
    thumb.type("no answer")
    thumb.tap(thumb.page.locator("#entry [data-save]"))
    thumb.page.locator(".feed .body", has_text="no answer").wait_for()
    thumb.stopped(f"call on a phone ({room})", 5)
    thumb = Thumbs(thumb)
    thumb.tap(thumb.page.locator("#next_contact"))
    thumb.type("friday")
    thumb.tap(thumb.page.locator("#entry [data-save]"))
    thumb.page.locator(".feed .ev.next").first.wait_for()
    thumb.stopped(f"next step on a phone ({room})", 4)


def test_hands_that_have_too_much_to_do_are_told(hands):
    """Negative control."""
    hand = hands("/")
    hand.type("x" * 20)
    with pytest.raises(AssertionError, match="20 keys"):
        hand.stopped("control", 4)


def test_thumbs_that_have_too_much_to_do_are_told(thumbs):
    """Negative control."""
    thumb = thumbs("/")
    thumb.type("x" * 20)
    with pytest.raises(AssertionError, match="20 letters"):
        thumb.stopped("control", 4)
