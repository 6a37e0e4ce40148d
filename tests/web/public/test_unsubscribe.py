"""Leaving by the link in a mail: no sign-in, no script, no cookie; and nobody leaves by another's hand (X27)."""

import random
import string
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from core.base.facts import Fact
from core.mailings import unsubscribing
from core.mailings.models import MailWish
from core.post.models import Suppression
from core.post.queries import is_suppressed
from tenants import entry, registry
from tenants.models import Tenant


def token_for(house, mail="anna@people.example", recipient=None) -> str:
    with house.ctx() as ctx:
        return unsubscribing.make_token(ctx.tenant, unsubscribing.link_for(ctx, mail, recipient or uuid4()))


def left(house) -> tuple[int, int]:
    """(suppressions, wishes) of a tenant."""
    with house.ctx() as ctx:
        return tuple(ctx.session.execute(select(func.count()).select_from(model)).scalar_one() for model in (Suppression, MailWish))


def one_click(world, house, token, **rest):
    """What a mail program posts (RFC 8058): no cookie, no origin of ours, nothing but the words of the standard."""
    return world.browser(house=house).client.post(
        f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"}, base_url=f"http://{house.host}", headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}, **rest
    )


def test_one_click_leaves_for_good_and_twice_is_as_good_as_once(world):
    token = token_for(world.acme, "once@people.example")
    answers = [one_click(world, world.acme, token) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 200] and answers[0].data.split(b"nonce")[0] == answers[2].data.split(b"nonce")[0]
    with world.acme.ctx() as ctx:
        assert is_suppressed(ctx, "once@people.example") and is_suppressed(ctx, "ONCE@people.example")
        assert not is_suppressed(ctx, "once@people.example", "transactional")
    assert not answers[0].headers.getlist("Set-Cookie")


def test_one_click_also_comes_as_multipart(world):
    token = token_for(world.acme, "multi@people.example")
    answer = world.browser().client.post(f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"}, content_type="multipart/form-data", base_url=f"http://{world.acme.host}")
    with world.acme.ctx() as ctx:
        assert answer.status_code == 200 and is_suppressed(ctx, "multi@people.example")


def test_looking_changes_nothing(world):
    """Scanners, previews, HEAD, OPTIONS, and every other thing that is no POST."""
    token, before = token_for(world.acme), left(world.acme)
    browser = world.browser()
    for method in ("GET", "HEAD", "OPTIONS", "GET", "PUT", "DELETE", "PATCH"):
        answer = browser._open(method, f"/unsubscribe/{token}", headers={"User-Agent": "SafeLinks", "Purpose": "prefetch"})
        assert answer.status_code in (200, 405)
    assert browser.get(f"/unsubscribe/{token}?choice=fewer&List-Unsubscribe=One-Click").status_code == 200
    assert left(world.acme) == before


def test_the_page_asks_once_and_works_without_script(world):
    page = world.browser().get(f"/unsubscribe/{token_for(world.acme)}").text
    assert "<script" not in page and page.count('<form method="post"') == 1 and 'value="fewer"' in page and "people.example" not in page
    assert page.count("<button") == 2


@pytest.mark.parametrize("lang,words", [("en", "en"), ("ru", "ru"), ("zh", "zh-Hans")])
def test_the_page_speaks_the_language_of_the_link(world, lang, words):
    answer = world.browser().get(f"/unsubscribe/x?lang={lang}")
    assert f'<html lang="{words}"' in answer.text and answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer"


def test_an_unknown_token_gets_the_same_pages(world):
    good, bad = token_for(world.acme, "oracle@people.example"), "nonsense"
    browser = world.browser()
    strip = lambda answer, token: answer.text.replace(token, "")  # noqa: E731
    assert strip(browser.get(f"/unsubscribe/{good}"), good) == strip(browser.get(f"/unsubscribe/{bad}"), bad)
    assert strip(one_click(world, world.acme, good), good) == strip(one_click(world, world.acme, bad), bad)


def test_a_thousand_forged_tokens_change_nothing(world):
    """Bits flipped, parts of two tokens joined, cut, lengthened, respelt, of the other tenant, at random."""
    chance = random.Random(27)
    mine, also_mine, theirs = token_for(world.acme, "victim@people.example"), token_for(world.acme, "second@people.example"), token_for(world.globex, "victim@people.example")
    letters = string.ascii_letters + string.digits + "-_"
    forged = [theirs, "", "x", mine + "=", mine + "A", mine[:-1], mine.swapcase(), mine + "%00", "../" + mine, " " + mine]
    while len(forged) < 1000:
        at, cut = chance.randrange(len(mine)), chance.randrange(1, len(mine))
        forged += [
            mine[:at] + chance.choice(letters.replace(mine[at], "")) + mine[at + 1 :], mine[:cut] + also_mine[cut:], theirs[:cut] + mine[cut:],
            "".join(chance.choices(letters, k=len(mine))), mine[:cut],
        ]
    forged = [token for token in forged if token not in (mine, also_mine)]
    before, browser = (left(world.acme), left(world.globex)), world.browser()
    for token in forged:
        assert browser._open("POST", f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"}).status_code in (200, 400, 404, 405)
    assert (left(world.acme), left(world.globex)) == before
    assert one_click(world, world.acme, mine).status_code == 200 and left(world.acme) == (before[0][0] + 1, before[0][1])


def test_without_the_signature_a_forged_token_would_work(world, monkeypatch):
    """Negative control: with the comparison switched off the flipped token does its harm, so the test above can see it."""
    token = token_for(world.acme, "control@people.example")
    monkeypatch.setattr(unsubscribing.crypto, "same", lambda a, b: True)
    before = left(world.acme)
    flipped = ("A" if token[60] != "A" else "B").join((token[:60], token[61:]))
    one_click(world, world.acme, flipped)
    assert left(world.acme)[0] == before[0] + 1


@pytest.mark.parametrize("access", ["read_only", "suspended", "closed"])
def test_leaving_works_whatever_the_workspace_has_paid(world, access):
    def set_access(value):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == world.acme.tenant.id).values(access=value))
        registry.forget()

    mail = f"{access}@people.example"
    token = token_for(world.acme, mail)
    set_access(access)
    try:
        assert world.browser().get(f"/unsubscribe/{token}").status_code == 200
        assert one_click(world, world.acme, token).status_code == 200
    finally:
        set_access("active")
    with world.acme.ctx() as ctx:
        assert is_suppressed(ctx, mail)


def test_who_wants_fewer_is_not_out_and_may_still_leave(world):
    token = token_for(world.acme, "fewer@people.example")
    answer = world.browser()._open("POST", f"/unsubscribe/{token}", data={"choice": "fewer"})
    with world.acme.ctx() as ctx:
        link = unsubscribing.read_token(ctx.tenant, token)
        assert answer.status_code == 200 and unsubscribing.wish_days(ctx, link.address_hash) == 30 and not is_suppressed(ctx, "fewer@people.example")
    one_click(world, world.acme, token)
    with world.acme.ctx() as ctx:
        assert is_suppressed(ctx, "fewer@people.example")


def test_it_stands_on_the_timeline_and_in_the_mailing(world):
    from core.mailings import drafting, queries, running
    from tests.core.mailings.conftest import add_contact

    with world.acme.ctx() as ctx:
        contact = add_contact(ctx, "Timeline", "timeline@people.example", tags=["timeline"])
        mailing = running.start_mailing(ctx, drafting.draft_mailing(ctx, subject="x", body="y", tags=["timeline"]).id)
        (row,) = queries.recipients(ctx, mailing)
        token = unsubscribing.make_token(ctx.tenant, unsubscribing.link_for(ctx, row.address, row.id))
    one_click(world, world.acme, token)
    with world.acme.ctx() as ctx:
        kinds = ctx.session.execute(select(Fact.kind).where(Fact.subject_id == contact.id)).scalars().all()
        assert kinds == ["mailing.unsubscribed"] and queries.recipients(ctx, mailing)[0].unsubscribed_at
        contact = ctx.session.get(type(contact), contact.id)
        contact.mail, contact.mail_norm = "Timeline@People.example", "timeline@people.example"
        ctx.session.flush()
        assert is_suppressed(ctx, contact.mail), "an edit re-subscribes nobody"


def test_a_signed_in_colleagues_link_leaves_no_one_else(world):
    """The page knows no session: who is signed in has no more power here than anybody."""
    token = token_for(world.acme, "signed@people.example")
    answer = world.browser("owner").post(f"/unsubscribe/{token}")
    assert answer.status_code == 200 and "Sign out" not in answer.text
