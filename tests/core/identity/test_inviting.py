"""Invitations: who may ask whom, what a link is worth, and that seats hold however many come at once."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.base.context import Actor, make_context
from core.base.entitlements import Entitlements
from core.base.errors import Forbidden, NotFound, ReadOnly, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.identity import actions, inviting, queries, roles, seats, teams
from core.identity.models import Invitation, TeamMember, User
from core.identity.policy import SALES
from core.post.models import OutgoingMail
from tenants import entry
from tests.support.races import at_once, meeting
from tests.support.world import House
from workers.jobs.identity import mail_invitation
from workers.run import work

PASSWORD = "a sentence that is long"


@pytest.fixture(scope="module")
def house(app):
    return House(f"inv-{uuid4().hex[:6]}")


@contextmanager
def stranger(house, *, now=None, may=("users.join",), **rest):
    """A context as the door makes it for a page without sign-in."""
    tenant = house.fresh()
    with entry.enter(tenant) as session:
        actor = Actor(id=None, name="", kind="public", permissions=frozenset(may), visibility="all")
        yield make_context(session, actor, tenant.ref(f"http://{house.host}"), now or entry.utcnow(), **rest)


def new_mail():
    return f"new-{uuid4().hex[:8]}@people.example"


def invited(house, mail=None, role="sales", **values):
    """(invitation's key, token of its link) of a new invitation."""
    with house.ctx() as ctx:
        made = inviting.invite(ctx, mail=mail or new_mail(), role=role, **values)
        return made.id, inviting.link_of(ctx.tenant, made).rsplit("/", 1)[1]


def join(house, token, *, name="New Person", password=PASSWORD, **rest):
    with stranger(house, **rest) as ctx:
        return inviting.accept(ctx, token, name=name, password=password).id


def test_whoever_is_invited_joins_with_role_and_team(house):
    with house.ctx() as ctx:
        team = teams.create_team(ctx, name="Desk").id
    mail = new_mail()
    key, token = invited(house, mail.upper(), "manager", name="Nina", team_id=team)
    user_id = join(house, token, name=" Nina Ng ")
    with house.ctx() as ctx:
        user, invitation = queries.one_user(ctx, user_id), ctx.session.get_one(Invitation, key)
        assert (user.mail_norm, user.name, user.role.code, user.state, user.is_owner) == (mail, "Nina Ng", "manager", "active", False)
        assert (invitation.state, invitation.accepted_user_id) == ("accepted", user.id)
        assert ctx.session.execute(select(TeamMember.team_id).where(TeamMember.user_id == user.id)).scalars().all() == [team]
        kinds = select(Fact.kind).where(Fact.subject_id.in_((key, user.id))).order_by(Fact.at)
        assert ctx.session.execute(kinds).scalars().all() == ["user.invited", "user.joined"]
        assert ctx.session.execute(select(Order).where(Order.name == "identity.index_mail", Order.args["user_id"].astext == str(user.id))).one()
        assert actions.prove(ctx.session, mail, PASSWORD)


@pytest.mark.parametrize("values, code", [
    ({"mail": "rep@{slug}.example"}, "mail_taken"), ({"mail": "ex@{slug}.example"}, "mail_taken"), ({"mail": "nobody"}, "not_a_mail"),
    ({"mail": "a@b.example\r\nBcc: x@y.example"}, None), ({"role": "emperor"}, "unknown_value"), ({"name": "x" * 101}, "too_long"), ({"team_id": uuid4()}, "team_unknown"),
])
def test_what_makes_no_sense_is_refused(house, values, code):
    given = {"mail": new_mail(), "role": "sales"} | {name: value.format(slug=house.tenant.slug) if isinstance(value, str) else value for name, value in values.items()}
    with house.ctx() as ctx, pytest.raises(Refused) as refusal:
        inviting.invite(ctx, **given)
    assert code is None or refusal.value.code == code


def test_one_waiting_invitation_an_address(house):
    mail = new_mail()
    key, _ = invited(house, mail)
    with house.ctx() as ctx, pytest.raises(Refused, match="invited_already"):
        inviting.invite(ctx, mail=mail.title(), role="sales")
    with house.ctx() as ctx:
        inviting.revoke(ctx, inviting.one_invitation(ctx, key))
    invited(house, mail)


def test_two_who_invite_the_same_person_at_once_leave_one_invitation(house):
    for _ in range(3):
        mail = new_mail()
        assert at_once(lambda mail=mail: invited(house, mail), lambda mail=mail: invited(house, mail)) == ["done", "invited_already"]


def test_the_index_stands_behind_the_question(house, monkeypatch):
    """Negative control: nobody waits for another, and the database still keeps one."""
    monkeypatch.setattr(seats, "count_alone", lambda ctx: None)
    mail = new_mail()
    with pytest.raises(IntegrityError), house.ctx() as ctx:
        for _ in range(2):
            ctx.session.add(Invitation(mail=mail, mail_norm=mail, expires_at=ctx.now, state="waiting"))
        ctx.session.flush()
    with house.ctx() as ctx:
        ctx.session.add_all(Invitation(mail=mail, mail_norm=mail, expires_at=ctx.now, state=state) for state in ("revoked", "revoked", "waiting"))
        ctx.session.flush()
        ctx.session.rollback()


@pytest.mark.parametrize("who", ["manager", "rep", "reader"])
def test_only_who_manages_people_invites(house, who):
    key, _ = invited(house)
    for act in (lambda ctx: inviting.invite(ctx, mail=new_mail(), role="sales"), lambda ctx: inviting.resend(ctx, inviting.one_invitation(ctx, key)),
                lambda ctx: inviting.revoke(ctx, inviting.one_invitation(ctx, key))):
        with house.ctx(who) as ctx, pytest.raises(Forbidden):
            act(ctx)


def test_nobody_invites_beyond_what_he_has(house):
    with house.ctx() as ctx:
        desk = roles.create_role(ctx, name=f"Desk {uuid4().hex[:4]}", permissions=[*SALES, "users.read", "users.manage"], visibility="own", changing="own")
        actions.give_role(ctx, queries.one_user(ctx, house.users["colleague"].id), desk.code)
        team = teams.create_team(ctx, name=f"Team {uuid4().hex[:4]}").id
    with house.ctx() as ctx:
        house.users["colleague"] = queries.one_user(ctx, house.users["colleague"].id)
    for role in ("admin", "manager", "director", "team_lead"):
        with house.ctx("colleague") as ctx, pytest.raises(Refused, match="beyond_yours"):
            inviting.invite(ctx, mail=new_mail(), role=role)
    with house.ctx("colleague") as ctx, pytest.raises(Forbidden):
        inviting.invite(ctx, mail=new_mail(), role="sales", team_id=team)
    key, _ = invited(house, role="manager")
    with house.ctx("colleague") as ctx, pytest.raises(Refused, match="beyond_yours"):
        inviting.resend(ctx, inviting.one_invitation(ctx, key))
    with house.ctx("colleague") as ctx:
        assert inviting.invite(ctx, mail=new_mail(), role="sales").invited_by == house.users["colleague"].id


def bad_tokens(token, key):
    id, nonce, signature = token.split(".")
    return [
        "", ".", "x", id, f"{id}.{nonce}", f"{id}.{nonce}.", f"{id}.{nonce}.{'0' * 64}", f"{id}.{int(nonce) + 1}.{signature}", f"{id}.0{nonce}.{signature}",
        f"{uuid4()}.{nonce}.{signature}", f"{id}.{nonce}.{signature.upper()}", f"{id.upper()}.{nonce}.{signature}", f"{token}\n", f" {token}", f"{token}.", f"{token}\x00",
        f"{id}.\u0661.{signature}", f"{id}.-1.{signature}", f"{id}.99999999999.{signature}", f"{id}.{nonce}.{signature[:-1]}", token + "a", "é" * 130, "'" + token[1:],
    ]


def test_no_other_token_opens_anything(house):
    key, token = invited(house)
    with stranger(house) as ctx:
        for bad in bad_tokens(token, key):
            with pytest.raises(NotFound, match="invitation_over"):
                inviting.find(ctx, bad)
            with pytest.raises(NotFound, match="invitation_over"):
                inviting.accept(ctx, bad, name="Eve", password=PASSWORD)
        assert inviting.find(ctx, token).id == key


def test_without_the_signature_anybody_would_make_links(house, monkeypatch):
    """Negative control."""
    key, token = invited(house)
    monkeypatch.setattr(inviting.crypto, "same", lambda a, b: True)
    with stranger(house) as ctx:
        assert inviting.find(ctx, f"{key}.1.{'0' * 64}").id == key


def test_a_link_of_one_tenant_is_nothing_in_another(house):
    other = House(f"inv-{uuid4().hex[:6]}", {"owner": "admin"})
    key, token = invited(house)
    with other.ctx() as ctx:
        ctx.session.add(Invitation(id=key, mail="a@b.example", mail_norm="a@b.example", expires_at=ctx.now + timedelta(days=1)))
    with stranger(other) as ctx, pytest.raises(NotFound, match="invitation_over"):
        inviting.find(ctx, token)


def test_a_link_is_for_once_for_seven_days_and_until_it_is_revoked(house):
    key, token = invited(house)
    late = entry.utcnow() + timedelta(days=7, seconds=1)
    with pytest.raises(NotFound, match="invitation_over"):
        join(house, token, now=late)
    join(house, token)
    with pytest.raises(NotFound, match="invitation_over"):
        join(house, token)
    key, token = invited(house)
    with house.ctx() as ctx:
        inviting.revoke(ctx, inviting.one_invitation(ctx, key))
    with pytest.raises(NotFound, match="invitation_over"):
        join(house, token)
    for act in (inviting.revoke, inviting.resend):
        with house.ctx() as ctx, pytest.raises(Refused, match="invitation_settled"):
            act(ctx, inviting.one_invitation(ctx, key))


def test_sending_again_kills_the_link_before_and_gives_seven_days(house):
    key, token = invited(house)
    late = entry.utcnow() + timedelta(days=8)
    with house.ctx(now=late) as ctx:
        assert [one.expired for one in inviting.invitations(ctx) if one.invitation.id == key] == [True]
        inviting.resend(ctx, inviting.one_invitation(ctx, key))
        again = inviting.link_of(ctx.tenant, inviting.one_invitation(ctx, key)).rsplit("/", 1)[1]
    with pytest.raises(NotFound, match="invitation_over"):
        join(house, token)
    join(house, again, now=late)


@pytest.mark.parametrize("name, password, code", [("", PASSWORD, "required"), ("Nina", "short", "password_short"), ("Nina", "x" * 500, "password_long"), ("Nina", "administrator", "password_known")])
def test_what_is_typed_wrong_does_not_use_the_link_up(house, name, password, code):
    _, token = invited(house)
    with pytest.raises(Refused, match=code):
        join(house, token, name=name, password=password)
    join(house, token)


def test_two_who_accept_one_link_at_once_make_one_person(house):
    for _ in range(4):
        mail = new_mail()
        _, token = invited(house, mail)
        assert at_once(*[lambda token=token: join(house, token)] * 3) == ["done", "invitation_over", "invitation_over"]
        with house.ctx() as ctx:
            assert len(ctx.session.execute(select(User).where(User.mail_norm == mail)).all()) == 1


@pytest.mark.parametrize("act", [inviting.revoke, inviting.resend])
def test_what_ends_the_link_while_somebody_accepts_it_wins(house, monkeypatch, act):
    """Between the first look and the lock, while the password is hashed."""
    key, token = invited(house)

    def meanwhile(password):
        with house.ctx() as ctx:
            act(ctx, inviting.one_invitation(ctx, key))
        return "x"

    monkeypatch.setattr(inviting.crypto, "hash_password", meanwhile)
    with pytest.raises(NotFound, match="invitation_over"):
        join(house, token)


def test_without_the_second_look_two_would_meet_in_the_database(house, monkeypatch):
    """Negative control: nobody waits and nobody looks again. The unique address of users is the last to hold."""
    monkeypatch.setattr(seats, "count_alone", lambda ctx: None)
    monkeypatch.setattr(inviting.editing, "hold", lambda ctx, record: None)
    _, token = invited(house)
    monkeypatch.setattr(queries, "user_by_mail", meeting(queries.user_by_mail, 3))
    assert at_once(*[lambda: join(house, token)] * 3) == ["done", "integrity", "integrity"]


def small():
    """A house of one, and a plan of three seats."""
    return House(f"seat-{uuid4().hex[:6]}", {"owner": "admin"}), Entitlements(limits={"seats": 3})


def ask(house, plan):
    with house.ctx(entitlements=plan) as ctx:
        return inviting.invite(ctx, mail=new_mail(), role="sales").id


def test_invitations_that_wait_keep_seats_and_let_them_go(app):
    house, plan = small()
    keys = [ask(house, plan), ask(house, plan)]
    with pytest.raises(Refused, match="seats_full"):
        ask(house, plan)
    with house.ctx(entitlements=plan) as ctx, pytest.raises(Refused, match="seats_full"):
        actions.add_user(ctx, mail=new_mail(), name="X", password=PASSWORD)
    with house.ctx(entitlements=plan) as ctx:
        inviting.revoke(ctx, inviting.one_invitation(ctx, keys[0]))
    ask(house, plan)
    late = entry.utcnow() + timedelta(days=8)
    with house.ctx(entitlements=plan, now=late) as ctx:
        for _ in range(2):
            inviting.invite(ctx, mail=new_mail(), role="sales")
        with pytest.raises(Refused, match="seats_full"):
            inviting.resend(ctx, inviting.one_invitation(ctx, keys[1]))


def test_seats_hold_however_many_are_invited_added_or_come_at_once(app):
    for _ in range(3):
        house, plan = small()

        def add(house=house, plan=plan):
            with house.ctx(entitlements=plan) as ctx:
                actions.add_user(ctx, mail=new_mail(), name="X", password=PASSWORD)

        assert at_once(*[lambda house=house, plan=plan: ask(house, plan)] * 4, add, add) == ["done"] * 2 + ["seats_full"] * 4


def test_without_the_lock_more_would_come_than_there_are_seats(app, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(seats, "count_alone", lambda ctx: None)
    monkeypatch.setattr(seats, "seats_promised", meeting(seats.seats_promised, 3))
    house, plan = small()
    assert at_once(*[lambda: ask(house, plan)] * 3) == ["done"] * 3


def test_a_plan_that_shrank_meanwhile_lets_in_only_as_many_as_it_has(app):
    house, plan = small()
    tokens = [invited(house)[1] for _ in range(4)]
    said = at_once(*[lambda token=token: join(house, token, entitlements=plan) for token in tokens])
    assert said == ["done"] * 2 + ["seats_full"] * 2


def test_a_workspace_that_is_read_only_takes_nobody_in_and_still_revokes(house):
    key, token = invited(house)
    shut = Entitlements(access="read_only")
    with pytest.raises(ReadOnly):
        join(house, token, entitlements=shut)
    with pytest.raises(Forbidden):
        join(house, token, may=())
    with house.ctx(entitlements=shut) as ctx:
        inviting.revoke(ctx, inviting.one_invitation(ctx, key))


def test_whoever_is_added_by_hand_needs_the_invitation_no_more(app):
    house, plan = small()
    mail = new_mail()
    with house.ctx(entitlements=plan) as ctx:
        inviting.invite(ctx, mail=new_mail(), role="sales")
        key = inviting.invite(ctx, mail=mail, role="sales").id
        token = inviting.link_of(ctx.tenant, inviting.one_invitation(ctx, key)).rsplit("/", 1)[1]
    with house.ctx(entitlements=plan) as ctx:
        actions.add_user(ctx, mail=mail, name="X", password=PASSWORD)
    with house.ctx() as ctx:
        assert inviting.one_invitation(ctx, key).state == "revoked"
    with pytest.raises(NotFound, match="invitation_over"):
        join(house, token)


def test_a_role_somebody_is_invited_with_stays_and_a_team_that_went_is_left_out(house):
    with house.ctx() as ctx:
        role = roles.create_role(ctx, name=f"Guest {uuid4().hex[:4]}", permissions=["accounts.read"])
        team = teams.create_team(ctx, name=f"Gone {uuid4().hex[:4]}")
        ctx.session.flush()
        code, team_id = role.code, team.id
    key, token = invited(house, role=code, team_id=team_id)
    with house.ctx() as ctx, pytest.raises(Refused, match="role_invited"):
        roles.delete_role(ctx, roles.one_role(ctx, code))
    with house.ctx() as ctx:
        teams.delete_team(ctx, teams.one_team(ctx, team_id))
    user_id = join(house, token)
    with house.ctx() as ctx:
        assert queries.one_user(ctx, user_id).role.code == code and teams.teams_with(ctx, user_id) == []


def letters(house, mail):
    with house.ctx() as ctx:
        return list(ctx.session.execute(select(OutgoingMail).where(OutgoingMail.to_mail == mail).order_by(OutgoingMail.created_at)).scalars())


def orders(house, key):
    with house.ctx() as ctx:
        query = select(Order.id).where(Order.name == "identity.mail_invitation", Order.args["invitation_id"].astext == str(key)).order_by(Order.created_at, Order.id)
        return list(ctx.session.execute(query).scalars())


def test_the_letter_names_who_invites_and_the_key_lies_nowhere_else(house):
    mail = new_mail()
    key, token = invited(house, mail, name="Nina")
    (order,) = orders(house, key)
    assert work(str(order), str(house.tenant.id)) == "done"
    (letter,) = letters(house, mail)
    assert token in letter.body_text and "/invitation/" in letter.body_text and "Owner invites you" in letter.subject and house.tenant.name in letter.body_text
    assert (letter.lang, letter.to_name) == (house.tenant.locale, "Nina")
    signature = token.rsplit(".", 1)[1]
    with house.ctx() as ctx:
        for table in ("invitation", "outbox", "fact", "audit_entry"):
            rows = ctx.session.connection().exec_driver_sql(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t").scalar_one()  # noqa: S608
            assert signature not in rows, table


def test_a_sent_letter_keeps_nothing_of_the_key(house):
    from core.post.letters import letters as known

    assert known()["invitation"].private


def test_the_same_order_twice_writes_one_letter_and_a_revoked_one_none(house):
    mail = new_mail()
    key, _ = invited(house, mail)
    for _ in range(2):
        with house.ctx() as ctx:
            mail_invitation(ctx, invitation_id=str(key))
    assert len(letters(house, mail)) == 1
    with house.ctx() as ctx:
        inviting.resend(ctx, inviting.one_invitation(ctx, key))
    assert len(orders(house, key)) == 2
    with house.ctx() as ctx:
        mail_invitation(ctx, invitation_id=str(key))
    assert len(letters(house, mail)) == 2
    with house.ctx() as ctx:
        inviting.resend(ctx, inviting.one_invitation(ctx, key))
        inviting.revoke(ctx, inviting.one_invitation(ctx, key))
        mail_invitation(ctx, invitation_id=str(key))
        mail_invitation(ctx, invitation_id=str(uuid4()))
    assert len(letters(house, mail)) == 2


@pytest.mark.parametrize("lang, words", [("es", "le invita"), ("zh", "邀请您"), ("ko", "초대합니다"), ("ru", "приглашает вас")])
def test_the_letter_speaks_the_workspaces_language(app, lang, words):
    house = House(f"lang-{uuid4().hex[:6]}", {"owner": "admin"}, locale=lang)
    mail = new_mail()
    key, _ = invited(house, mail)
    work(str(orders(house, key)[0]), str(house.tenant.id))
    assert words in letters(house, mail)[0].subject and letters(house, mail)[0].lang == lang


def test_the_letter_greets_by_name_where_one_was_given(house):
    from core.post.letters import LETTERS
    from core.post.rules import render

    with house.ctx() as ctx:
        named, nameless = (inviting.invite(ctx, mail=new_mail(), role="sales", name=name) for name in ("Ada Vogel", None))
        ctx.session.flush()
        said = [render(LETTERS["invitation"], inviting.letter_of(ctx, one.id)["params"], lang="en", timezone="UTC", sender="x").text.split("\n")[0] for one in (named, nameless)]
    assert said == ["Hello Ada Vogel,", "Hello,"]
