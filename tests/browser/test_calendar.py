"""The calendar in a real browser: an entry moved by keys and by its menu, undone, looked at in both widths and themes."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.deals import actions as deals
from core.parties import actions as parties
from tests.support.looking import look, opened
from tests.support.world import House


@pytest.fixture(scope="module")
def house(server, room):
    return House(f"calendar-{uuid4().hex[:6]}")


@pytest.fixture(scope="module")
def monday(house):
    with house.ctx("owner") as ctx:
        him = parties.create_account(ctx, name="Nordlicht Optik")
        ctx.session.flush()
        first = ctx.today - timedelta(days=ctx.today.weekday()) + timedelta(days=7)
        log.log_activity(ctx, kind="note", account=him, body="x", next_contact=f"{first} 14:30", next_contact_note="Ask for the quantity")
        log.log_activity(ctx, kind="visit", account=him, body="x", next_contact=first + timedelta(days=2), next_contact_note="Look at the new shop in the harbour, and take the catalogue along")
        deals.create_deal(ctx, name="Frames for spring", account_id=him.id, next_step="Send drawings", next_step_on=first + timedelta(days=2))
        return first


def lane(page, day):
    return page.locator(f'.lane[data-stage="{day.isoformat()}"]')


def test_an_entry_goes_to_the_next_day_by_key_by_menu_and_back(person, sign_in, house, monday):
    someone = person()
    page = opened(someone, f"{sign_in(someone, house, 'owner')}/calendar/?day={monday}")
    look(someone, "calendar-week")
    card = page.locator(".deal", has_text="Ask for the quantity")
    card.locator("h3 a").focus()
    someone.press("]")
    lane(page, monday + timedelta(days=1)).locator(".deal", has_text="Ask for the quantity").wait_for()
    page.locator(".toast", has_text="is on").get_by_role("button", name="Undo").click()
    lane(page, monday).locator(".deal", has_text="Ask for the quantity").wait_for()
    page.locator(".deal", has_text="Send drawings").locator("[data-move]").click()
    page.locator(f'#move-to [data-to="{(monday + timedelta(days=4)).isoformat()}"]').click()
    lane(page, monday + timedelta(days=4)).locator(".deal", has_text="Send drawings").wait_for()
    page.locator(".toast", has_text="Send drawings").wait_for()  # the server has it
    page.reload()
    assert lane(page, monday + timedelta(days=4)).locator(".deal").count() == 1
    page = opened(someone, f"{page.url.split('?')[0]}?view=month&day={monday}")
    look(someone, "calendar-month")
    opened(someone, f"{page.url.split('?')[0]}feed")
    look(someone, "calendar-feed")


def test_on_a_phone_in_the_dark(person, sign_in, house, monday):
    someone = person(viewport={"width": 360, "height": 760}, color_scheme="dark")
    url = sign_in(someone, house, "owner")
    for view in ("week", "month"):
        opened(someone, f"{url}/calendar/?day={monday}&view={view}")
        look(someone, f"calendar-{view}", of="phone")


@pytest.fixture(scope="module")
def crowded(house, monday):
    """A day of the week after with three calls that overlap, one later, and a visit without a time."""
    day = monday + timedelta(days=8)
    with house.ctx("owner") as ctx:
        him = parties.create_account(ctx, name="Crowded Optik")
        ctx.session.flush()
        for clock, minutes, note in (("09:00", 90, "Long talk"), ("09:30", 30, "Short talk"), ("10:15", 45, "Next talk"), ("15:00", None, "Lonely talk")):
            log.log_activity(ctx, kind="note", account=him, body="x", next_contact=f"{day} {clock}", next_contact_note=note, next_contact_kind="meeting", next_contact_minutes=minutes)
        log.log_activity(ctx, kind="visit", account=him, body="x", next_contact=day, next_contact_note="Any time of the day")
    return day


def slot(page, hour):
    return page.locator(".slot[data-at]").nth(hour)


def box_of(page, name):
    return page.locator(".entry", has_text=name).bounding_box()


def test_a_day_shows_its_hours_and_moves_by_pointer_keys_and_menu(person, sign_in, house, crowded):
    someone = person()
    page = opened(someone, f"{sign_in(someone, house, 'owner')}/calendar/?view=day&day={crowded}")
    page.locator(".board.laid").wait_for()
    look(someone, "calendar-day")
    long, short, after, lonely = (box_of(page, name) for name in ("Long talk", "Short talk", "Next talk", "Lonely talk"))
    hour = slot(page, 9).bounding_box()["height"]
    assert abs(long["height"] - 1.5 * hour) < 3 and abs(long["y"] - slot(page, 9).bounding_box()["y"]) < 3 and abs(short["y"] - long["y"] - hour / 2) < 3
    assert short["x"] >= long["x"] + long["width"] and after["x"] == short["x"] and lonely["width"] > 1.8 * long["width"]  # beside each other, and no wider than they must be
    assert page.locator(".whole .entry").count() == 1
    card = page.locator(".entry", has_text="Lonely talk")
    card.locator("h3 a").focus()
    someone.press("]")
    slot(page, 16).locator(".entry", has_text="Lonely talk").wait_for()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    slot(page, 15).locator(".entry", has_text="Lonely talk").wait_for()
    page.locator(".entry", has_text="Any time of the day").locator("[data-move]").click()
    page.locator("#move-to button").nth(1 + 13).click()  # behind the one without a time
    slot(page, 13).locator(".entry", has_text="Any time of the day").wait_for()
    page.locator(".toast", has_text="Any time").wait_for()
    page.locator(".entry", has_text="Short talk").drag_to(slot(page, 12), target_position={"x": 200, "y": 45})
    slot(page, 12).locator(".entry", has_text="Short talk").wait_for()
    page.locator(".toast", has_text="Short talk").wait_for()
    page.reload()
    assert slot(page, 12).locator(".entry").count() == 1 and page.locator(".whole .entry").count() == 0
    opened(someone, f"{page.url.split('?')[0]}?view=week&day={crowded}")
    look(someone, "calendar-week-hours")


def test_the_line_of_now_stands_at_its_hour_today(person, sign_in, house, crowded):
    someone = person()
    page = opened(someone, f"{sign_in(someone, house, 'owner')}/calendar/?view=week")
    assert page.locator(".lane.now .nowline").count() == 1 and page.locator(".nowline").count() == 1


def test_hours_on_a_phone_in_the_dark(person, sign_in, house, crowded):
    someone = person(viewport={"width": 360, "height": 760}, color_scheme="dark")
    page = opened(someone, f"{sign_in(someone, house, 'owner')}/calendar/?view=day&day={crowded}")
    page.locator(".board.laid").wait_for()
    look(someone, "calendar-day", of="phone")
    opened(someone, f"{page.url.split('?')[0]}?view=week&day={crowded}")
    assert page.locator(".board.laid").count() == 0
    look(someone, "calendar-week-list", of="phone")


@pytest.mark.parametrize("view", ["week", "month"])
def test_on_a_phone_full_days_stand_below_each_other(person, sign_in, house, view):
    with house.ctx("owner") as ctx:
        him = parties.create_account(ctx, name="Of full days")
        ctx.session.flush()
        monday = ctx.today - timedelta(days=ctx.today.weekday()) + timedelta(days=28)
        for day in range(4):
            for number in range(6):
                log.log_activity(ctx, kind="note", account=him, body="x", next_contact=monday + timedelta(days=day), next_contact_note=f"Number {number} of day {day}")
    someone = person(viewport={"width": 360, "height": 640}, reduced_motion="reduce")
    page = opened(someone, f"{sign_in(someone, house, 'owner')}/calendar/?view={view}&day={monday}")
    boxes = sorted((box["y"], box["y"] + box["height"]) for box in (card.bounding_box() for card in page.locator(".deal:visible").all()))
    assert len(boxes) >= 24 and all(end <= begin for (_, end), (begin, _) in zip(boxes, boxes[1:], strict=False)), "no card lies over another"


def test_without_scripts_a_day_is_a_list(person, sign_in, house, crowded):
    someone = person(java_script_enabled=False)
    someone.page.goto(f"{sign_in(someone, house, 'owner')}/calendar/?view=day&day={crowded}")
    assert "Any time of the day" in someone.page.locator(".board").inner_text() and someone.page.locator(".entry").count() == 5
    assert all(box["height"] > 20 for box in (one.bounding_box() for one in someone.page.locator(".entry").all()))


def test_a_calendar_file_is_looked_at_before_it_comes_in(person, sign_in, house, monday, tmp_path):
    file = tmp_path / "days.ics"
    lines = [f"BEGIN:VEVENT\nUID:{n}\nDTSTART:{monday:%Y%m%d}T{9 + n:02d}0000Z\nDTEND:{monday:%Y%m%d}T{10 + n:02d}0000Z\nSUMMARY:{name}\nEND:VEVENT" for n, name in enumerate(("Fair in the harbour with a long name that wraps on narrow pages", "Talk of frames"))]
    file.write_text("\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *lines, "BEGIN:VEVENT\nUID:x\nSUMMARY:No day\nEND:VEVENT", "END:VCALENDAR", "")))
    for narrow in (False, True):
        someone = person(viewport={"width": 360, "height": 760}, color_scheme="dark") if narrow else person()
        page = opened(someone, f"{sign_in(someone, house, 'owner')}/calendar/file")
        page.locator("#file").set_input_files(str(file))
        page.locator("#who").fill("Nordlicht Optik")
        page.get_by_role("button", name="Look into it").click()
        page.locator("#found").wait_for()
        look(someone, "calendar-file", of="phone" if narrow else "")
    page.get_by_role("button", name="Bring them in").click()
    page.locator(".toast", has_text="Came in from the file: 2").wait_for()
