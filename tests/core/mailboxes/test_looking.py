"""A mailbox is read by its job as a worker runs it, from a server on loopback: each mail once, whatever breaks."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from core.base.outbox import Order
from core.identity import actions as people
from core.identity.models import User
from core.leads.models import Lead
from core.mail import preferring
from core.mail.models import MailMessage, MailParticipant, MailRules
from core.mailboxes import actions, arriving, holding, looking, queries
from core.mailboxes.models import Mailbox, MailboxArrival, MailboxFolder, MailboxState
from core.notifications.models import Notification
from infra import imap
from infra.config import settings
from infra.inbox import limited
from tenants import entry
from tests.infra.inbox.mails import mail
from tests.support.imap_server import Box, ImapServer
from tests.support.statements import counted
from tests.support.world import House
from workers import run as runner
from workers.jobs import mailboxes as jobs

PROVEN = "Authentication-Results: mx.acme.example; dkim=pass header.d=example.com"


@pytest.fixture
def server(stack, monkeypatch):
    made = ImapServer()
    monkeypatch.setattr(imap, "settings", lambda: replace(settings(), outbound_inside=frozenset({made.place})))
    yield made
    made.close()


@pytest.fixture
def house(app):
    return House(f"mb-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales"})


def box_of(house, server, *, who="rep", shared=False, purpose="mail", **given):
    values = {"name": "Inbox", "host": "localhost", "port": server.port, "username": server.user, "since": "2026-01-01", "trusted": "mx.acme.example", "purpose": purpose} | given
    with house.ctx(who) as ctx:
        return actions.make(ctx, way="imap", shared=shared, password=given.pop("password", server.password), **{k: v for k, v in values.items() if k != "password"})[0].id


def letter(number, *heads, sender="Anna Meier <anna@example.com>", body="Four pumps"):
    return mail(*heads, body=f"{body} {number}", sender=sender).replace(b"m1@example.com", f"m{number}@example.com".encode())


def work(house):
    """What workers do with every order of this room that waits, until there is none."""
    words = []
    while True:
        with entry.enter(house.tenant) as session:
            session.execute(update(Order).where(Order.name.like("mailboxes.%"), Order.state == "waiting").values(due_at=entry.utcnow()))
            found = session.execute(select(Order.id).where(Order.name.like("mailboxes.%"), Order.state == "waiting")).scalars().all()
        if not found or len(words) > 30:
            return words
        words += [runner.work(str(one), str(house.tenant.id)) for one in found]


def look(house, box_id, who="rep"):
    with house.ctx(who) as ctx:
        actions.look_now(ctx, queries.one(ctx, box_id))
    return work(house)


def bodies(house):
    with entry.enter(house.tenant) as session:
        return sorted(session.execute(select(MailMessage.body)).scalars())


def state(house, box_id):
    with entry.enter(house.tenant) as session:
        return session.execute(select(MailboxState).where(MailboxState.mailbox_id == box_id)).scalar_one()


def arrivals(house):
    with entry.enter(house.tenant) as session:
        return sorted((row.state, row.why, row.from_mail) for row in session.execute(select(MailboxArrival)).scalars())


def test_inbox_and_sent_are_read_once_and_other_folders_are_left(house, server):
    server.folders["Private"] = Box(validity=9)
    server.folders["Private"].add(letter(9))
    for number in range(45):
        server.folders["INBOX"].add(letter(number), number * 700 + 1)
    server.folders["Sent"].add(letter(100, sender="us@acme.example"))
    box = box_of(house, server)
    assert set(work(house)) == {"done"}
    assert bodies(house) == sorted([f"Four pumps {number}" for number in range(45)] + ["Four pumps 100"])
    server.asked.clear()
    server.folders["INBOX"].add(letter(200))
    look(house, box)
    assert len(bodies(house)) == 47 and sum("BODY.PEEK" in one for one in server.asked) == 1
    now = state(house, box)
    assert (now.error, now.looking, now.failures, now.waiting) == (None, False, 0, 0) and now.looked_at and now.mail_at and now.next_at


def test_the_mailbox_is_read_once_for_each_step_and_not_while_it_is_off(house, server):
    box = box_of(house, server)
    work(house)
    seen = imap.Opened(7, 1)

    def steps(ctx):
        with counted() as sent:
            plan = looking.begin(ctx, box)
            folder = ctx.session.execute(select(MailboxFolder).where(MailboxFolder.mailbox_id == box).limit(1)).scalar_one()
            folder.validity, folder.mark = seen.validity, 0
            ctx.session.flush()
            taken = looking.take(ctx, plan or was, folder.id, seen, 0, 0, [])
        return plan, taken, sum("FROM mailbox " in one for one in sent)

    with house.ctx() as ctx:
        was, taken, read = steps(ctx)
        assert (was.mailbox_id, taken, read) == (box, True, 2)
    with house.ctx() as ctx:
        ctx.session.execute(update(Mailbox).values(state="held"))
        assert steps(ctx)[:2] == (None, False)


def test_a_worker_killed_between_fetch_and_mark_loses_and_doubles_nothing(house, server, monkeypatch):
    for number in range(30):
        server.folders["INBOX"].add(letter(number))
    box, true, killed = box_of(house, server), looking.take, []

    class Killed(BaseException):
        """What ends a process ends the job without a word."""

    def take(ctx, *words):
        done = true(ctx, *words)
        if len(killed) < 3:
            killed.append(1)
            raise Killed
        return done

    monkeypatch.setattr(looking, "take", take)
    for _ in range(6):
        try:
            look(house, box)
        except Killed:
            with entry.enter(house.tenant) as session:
                session.execute(update(Order).where(Order.name == actions.LOOK, Order.state == "running").values(state="waiting", lease_until=None, lease_token=None))
    assert len(killed) == 3 and bodies(house) == sorted(f"Four pumps {number}" for number in range(30))


def test_a_line_that_is_cut_in_the_middle_of_a_mail_is_tried_again(house, server):
    for number in range(5):
        server.folders["INBOX"].add(letter(number))
    server.drop_after = 40
    box = box_of(house, server)
    work(house)
    now = state(house, box)
    assert now.error == "silent" and now.failures == 1 and now.next_at is not None and not now.looking and bodies(house) == []
    with house.ctx() as ctx:
        ctx.session.execute(update(MailboxState).values(next_at=ctx.now - timedelta(seconds=1)))
        assert looking.has_due(ctx.session)
        looking.tend(ctx)
    work(house)
    assert len(bodies(house)) == 5 and state(house, box).error is None


def test_a_wrong_password_stops_says_so_and_tells_once(house, server):
    box = box_of(house, server, password="old")
    work(house), look(house, box), look(house, box)
    now = state(house, box)
    assert now.error == "login" and now.next_at is None
    with entry.enter(house.tenant) as session:
        told = session.execute(select(Notification.user_id, Notification.params["say"].astext)).all()
    assert [tuple(one) for one in told] == [(house.users["rep"].id, "told.mailbox_login")]
    with house.ctx("rep") as ctx:
        actions.edit(ctx, queries.one(ctx, box), password=server.password)
    work(house)
    assert state(house, box).error is None


def test_numbers_that_begin_anew_double_nothing(house, server):
    for number in range(5):
        server.folders["INBOX"].add(letter(number, PROVEN))
    mail_box, lead_box = box_of(house, server), box_of(house, server, who="owner", shared=True, purpose="leads")
    work(house)
    inbox = server.folders["INBOX"]
    inbox.validity, inbox.mails = 70, {number + 50: raw for number, raw in inbox.mails.items()}
    inbox.next = 60
    inbox.add(letter(77, PROVEN))
    look(house, mail_box), look(house, lead_box, "owner")
    # Neither mailbox's owner is named in them: each has his own, once, and reads nothing of the other's.
    assert Counter(bodies(house)).most_common() == Counter({f"Four pumps {number}": 2 for number in (0, 1, 2, 3, 4, 77)}).most_common()
    with entry.enter(house.tenant) as session:
        assert session.execute(select(MailParticipant.thread_id, func.count()).group_by(MailParticipant.thread_id).having(func.count() > 1)).all() == []
    with entry.enter(house.tenant) as session:
        (lead,) = session.execute(select(Lead)).scalars()
        assert (lead.mail, lead.touches, lead.source) == ("anna@example.com", 6, "mail")


def test_a_folder_that_was_renamed_is_followed_on(house, server):
    server.folders["INBOX"].add(letter(1))
    box = box_of(house, server)
    work(house)
    with house.ctx("rep") as ctx:
        actions.follow(ctx, queries.one(ctx, box), ["INBOX", "Sent"])
    server.folders["Gesendet"] = server.folders.pop("Sent")
    server.folders["Gesendet"].add(letter(2, sender="us@acme.example"))
    look(house, box)
    assert bodies(house) == ["Four pumps 1", "Four pumps 2"]
    server.folders.pop("Gesendet")
    look(house, box)
    with entry.enter(house.tenant) as session:
        assert {row.name: row.gone for row in session.execute(select(MailboxFolder).where(MailboxFolder.followed)).scalars()} == {"INBOX": False, "Gesendet": True}
    assert state(house, box).error is None


def test_a_mail_that_ends_its_reader_is_kept_shown_and_told(house, server, monkeypatch):
    monkeypatch.setattr(limited, "START", "import sys; sys.path.insert(0, sys.argv.pop(1))\nimport infra.inbox.reading as r, os\ntrue = r.read\nr.read = lambda raw, **k: os.kill(os.getpid(), 9) if b'DEADLY' in raw else true(raw, **k)\nfrom infra.inbox.child import main; main()")
    deadly = letter(2, body="DEADLY")
    for one in (letter(1), deadly, letter(3)):
        server.folders["INBOX"].add(one)
    box = box_of(house, server)
    work(house)
    assert bodies(house) == ["Four pumps 1", "Four pumps 3"] and arrivals(house) == [("unreadable", "bomb", None)]
    with house.ctx("rep") as ctx:
        (kept,) = queries.arrivals(ctx, queries.one(ctx, box))
        from infra.storage import storage

        assert storage().path(ctx.tenant.id, kept.raw_key).read_bytes() == deadly
        assert ctx.session.execute(select(func.count()).select_from(Notification)).scalar_one() == 1


def test_a_mail_that_is_too_large_is_named_and_the_rest_goes_on(house, server, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_BYTES", 2000)
    server.folders["INBOX"].add(letter(1, body="x" * 5000)), server.folders["INBOX"].add(letter(2))
    box_of(house, server)
    work(house)
    assert bodies(house) == ["Four pumps 2"] and arrivals(house) == [("too_large", "too_large", None)]


def test_a_server_that_lies_about_sizes_harms_nobody(house, server):
    server.folders["INBOX"].add(letter(1))
    server.size_lie = 99_999_999_999
    box = box_of(house, server)
    work(house)
    assert state(house, box).error == "protocol" and bodies(house) == []
    server.size_lie = None
    look(house, box)
    assert bodies(house) == ["Four pumps 1"]


def test_a_spoofed_sender_touches_no_lead_and_the_proven_one_does(house, server):
    """RELIABILITY X26."""
    forged = "Authentication-Results: evil.example; dkim=none"
    server.folders["INBOX"].add(letter(1))
    box = box_of(house, server, who="owner", shared=True, purpose="leads")
    work(house)
    for number, heads in enumerate(((), (forged, PROVEN), (PROVEN,)), 2):
        server.folders["INBOX"].add(letter(number, *heads))
        look(house, box, "owner")
        with entry.enter(house.tenant) as session:
            (lead,) = session.execute(select(Lead)).scalars()
            assert lead.touches == (2 if heads == (PROVEN,) else 1)
    assert [one for one in arrivals(house) if one[0] != "done"] == [("unverified", "unverified", "anna@example.com")] * 2


def test_what_a_program_wrote_becomes_no_lead_until_a_person_says_so(house, server):
    server.folders["INBOX"].add(letter(1, "Auto-Submitted: auto-generated"))
    box = box_of(house, server, who="owner", shared=True, purpose="leads")
    work(house)
    with house.ctx() as ctx:
        mailbox = queries.one(ctx, box)
        (kept,) = queries.arrivals(ctx, mailbox)
        assert ctx.session.execute(select(Lead)).first() is None and kept.why == "automatic"
        arriving.make_lead_of(ctx, mailbox, kept)
        assert ctx.session.execute(select(Lead.mail)).scalar_one() == "anna@example.com" and not queries.arrivals(ctx, mailbox)


def test_stopped_held_and_removed_ones_are_not_looked_at(house, server):
    from core.mailboxes import holding

    server.folders["INBOX"].add(letter(1))
    box = box_of(house, server)
    with house.ctx() as ctx:
        holding.hold(ctx)
    work(house)
    with house.ctx("rep") as ctx:
        assert queries.one(ctx, box).state == "held" and not looking.has_due(ctx.session)
        actions.go_on(ctx, queries.one(ctx, box))
        actions.stop(ctx, queries.one(ctx, box))
    work(house)
    assert server.asked == []
    with house.ctx("rep") as ctx:
        actions.remove(ctx, queries.one(ctx, box))
        assert ctx.session.execute(select(func.count()).select_from(Mailbox)).scalar_one() == 0


def test_the_own_mailbox_of_somebody_who_left_is_read_no_more_until_he_is_back(house, server):
    server.folders["INBOX"].add(letter(1))
    own = box_of(house, server)
    with house.ctx("owner") as ctx:
        ctx.session.execute(update(MailboxState).values(next_at=ctx.now - timedelta(minutes=1)))
        assert looking.has_due(ctx.session)
        people.disable_user(ctx, ctx.session.get_one(User, house.users["rep"].id))
        assert not looking.has_due(ctx.session) and looking.begin(ctx, own) is None
    work(house)
    assert server.asked == []
    with house.ctx("owner") as ctx:
        ctx.session.get_one(User, house.users["rep"].id).state = "active"
        ctx.session.flush()
        assert looking.has_due(ctx.session) and looking.tend(ctx)["looks"] == 1
    work(house)
    assert len(bodies(house)) == 1


def test_a_shared_mailbox_is_read_on_when_whose_it_was_has_left(house, server):
    server.folders["INBOX"].add(letter(1))
    box = box_of(house, server, who="owner", shared=True)
    with house.ctx("owner") as ctx:
        ctx.session.get_one(Mailbox, box).owner_id = house.users["rep"].id
        people.disable_user(ctx, ctx.session.get_one(User, house.users["rep"].id))
    work(house)
    assert len(bodies(house)) == 1


def test_a_look_that_is_cancelled_ends_after_what_it_holds(house, server, monkeypatch):
    for number in range(60):
        server.folders["INBOX"].add(letter(number))
    box, true = box_of(house, server), jobs._fetch

    def fetch(*words):
        with house.ctx("rep") as ctx:
            actions.cancel_look(ctx, queries.one(ctx, box))
        return true(*words)

    monkeypatch.setattr(jobs, "_fetch", fetch)
    work(house)
    assert len(bodies(house)) == 20
    monkeypatch.setattr(jobs, "_fetch", true)
    look(house, box)
    assert len(bodies(house)) == 60


def test_what_lies_in_a_held_mailbox_acts_not_until_it_goes_on(house):
    """Negative: after a restore stored mails became leads by themselves."""
    with house.ctx("owner") as ctx:
        box, _ = actions.make(ctx, way="webhook", shared=True, name="Posted", purpose="leads")
        key, _ = arriving.store(ctx, box, letter(1, PROVEN))
        holding.hold(ctx)
        box_id = box.id
    with house.ctx("owner", now=entry.utcnow() + timedelta(hours=1)) as ctx:
        looking.tend(ctx)
        assert arriving.waiting(ctx, key) is None and not looking.has_due(ctx.session)
    work(house)
    assert arrivals(house) == [("waiting", None, None)]
    with house.ctx("owner") as ctx:
        actions.go_on(ctx, queries.one(ctx, box_id))
    with house.ctx("owner", now=entry.utcnow() + timedelta(hours=1)) as ctx:
        assert looking.has_due(ctx.session) and looking.tend(ctx)["opened"] == 1
    work(house)
    with entry.enter(house.tenant) as session:
        assert session.execute(select(Lead.mail)).scalars().all() == ["anna@example.com"]


def test_a_lead_that_a_person_makes_of_a_mail_keeps_the_mail(house):
    with house.ctx("owner") as ctx:
        box, _ = actions.make(ctx, way="webhook", shared=True, name="Posted", purpose="leads")
        key, _ = arriving.store(ctx, box, letter(1, "Auto-Submitted: auto-replied"))
        box_id = box.id
    work(house)
    with house.ctx("owner") as ctx:
        arriving.make_lead_of(ctx, queries.one(ctx, box_id), ctx.session.get(MailboxArrival, key))
    assert bodies(house) == ["Four pumps 1"]


def test_a_blocked_domain_becomes_no_lead(house):
    with house.ctx("owner") as ctx:
        preferring.workspace(ctx).blocked = ["example.com"]
        box, _ = actions.make(ctx, way="webhook", shared=True, name="Posted", purpose="leads")
        arriving.store(ctx, box, letter(1, PROVEN))
    work(house)
    with entry.enter(house.tenant) as session:
        assert session.execute(select(Lead)).scalars().all() == []
        assert session.execute(select(MailRules.dropped)).scalar_one() == 1
