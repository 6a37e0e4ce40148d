"""The second step: codes are good once, recovery codes too, and what is kept of them opens nothing (fault 56)."""

from datetime import timedelta
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import select, text, update

from core.base.errors import Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.identity import actions, codes, queries, second_step, sign_in_rules, stepping
from core.identity.models import SecondStep, SignIn, SignInStep
from tenants import entry
from tests.core.identity.test_inviting import at_once
from tests.support.world import House


@pytest.fixture
def house(app):
    return House(f"st-{uuid4().hex[:8]}")


def signed_in(ctx, who_id):
    user = queries.one_user(ctx, who_id)
    return actions.open_session(ctx.session, user, now=ctx.now, ip=None, agent=None)[1]


def set_up(house, who="rep"):
    """(authenticator, recovery codes) of somebody whose second step is on since two minutes."""
    before = entry.utcnow() - timedelta(minutes=2)
    with house.ctx(who, now=before) as ctx:
        second_step.begin(ctx)
        row = signed_in(ctx, ctx.actor.id)
        authenticator = pyotp.parse_uri(second_step.setup_of(ctx, row).uri)
        made = second_step.confirm(ctx, row, authenticator.at(ctx.now))
    return authenticator, made


def takes(house, code, who="rep", *, now=None):
    with house.ctx(who, now=now) as ctx:
        return second_step.take(ctx.session, ctx.tenant.id, ctx.actor.id, code, ctx.now)


def test_the_code_of_now_and_of_one_step_beside_is_taken_and_no_other(house):
    authenticator, _ = set_up(house)
    now = entry.utcnow()
    assert not any(takes(house, authenticator.at(now + timedelta(seconds=30 * n)), now=now) for n in (-3, -2, 2, 3))
    assert not takes(house, "000000" if authenticator.at(now) != "000000" else "111111", now=now) and not takes(house, "", now=now)
    assert [takes(house, authenticator.at(now + timedelta(seconds=30 * n)), now=now) for n in (-1, 0, 1)] == [True] * 3


def test_a_code_is_good_once_and_none_before_it_afterwards(house):
    authenticator, _ = set_up(house)
    now = entry.utcnow()
    assert takes(house, authenticator.at(now), now=now)
    assert not takes(house, authenticator.at(now), now=now) and not takes(house, authenticator.at(now - timedelta(seconds=30)), now=now)


def test_the_code_that_confirmed_it_signs_nobody_in(house):
    with house.ctx("rep") as ctx:
        second_step.begin(ctx)
        row = signed_in(ctx, ctx.actor.id)
        code = pyotp.parse_uri(second_step.setup_of(ctx, row).uri).at(ctx.now)
        second_step.confirm(ctx, row, code)
        assert not second_step.take(ctx.session, ctx.tenant.id, ctx.actor.id, code, ctx.now)


def test_without_the_step_that_is_kept_a_code_would_work_again(house, monkeypatch):
    """Negative control."""
    authenticator, _ = set_up(house)
    now = entry.utcnow()
    assert takes(house, authenticator.at(now), now=now)
    monkeypatch.setattr(second_step, "or_", lambda *conditions: text("true"))
    assert takes(house, authenticator.at(now), now=now)


def test_one_code_sent_twice_at_once_is_good_once(house):
    authenticator, made = set_up(house)
    now = entry.utcnow()

    def once(code):
        if not takes(house, code, now=now):
            raise Refused("no")

    assert at_once(*[lambda: once(authenticator.at(now))] * 4) == ["done", "no", "no", "no"]
    assert at_once(*[lambda: once(made[0])] * 4) == ["done", "no", "no", "no"]


def test_each_recovery_code_is_good_once_however_it_is_typed(house):
    _, made = set_up(house)
    assert len(set(made)) == 10
    assert takes(house, made[0].upper().replace("-", " ")) and not takes(house, made[0])
    assert all(takes(house, code) for code in made[1:]) and not any(takes(house, code) for code in made)


def test_new_recovery_codes_make_the_old_ones_worthless(house):
    _, old = set_up(house)
    with house.ctx("rep") as ctx:
        new = second_step.new_recovery_codes(ctx)
    assert not takes(house, old[0]) and takes(house, new[0])


def test_neither_secret_nor_codes_lie_readable_in_the_database(house):
    authenticator, made = set_up(house)
    with entry.enter(house.tenant) as session:
        dump = str(session.execute(text("SELECT row_to_json(s)::text FROM second_step s UNION ALL SELECT changes::text FROM audit_entry UNION ALL SELECT params::text FROM fact")).all())
    assert authenticator.secret not in dump and not any(code in dump for code in made)


def test_a_secret_put_under_another_person_is_worth_nothing(house):
    authenticator, _ = set_up(house)
    set_up(house, "colleague")
    with entry.enter(house.tenant) as session:
        mine = session.execute(select(SecondStep.secret).where(SecondStep.user_id == house.users["rep"].id)).scalar_one()
        session.execute(update(SecondStep).where(SecondStep.user_id == house.users["colleague"].id).values(secret=mine))
    with pytest.raises(ValueError):
        takes(house, authenticator.now(), "colleague")


def test_what_is_only_begun_asks_for_nothing(house):
    with house.ctx("rep") as ctx:
        second_step.begin(ctx)
        assert second_step.of(ctx.session, ctx.actor.id) is None
        with pytest.raises(Refused, match="code_wrong"):
            second_step.confirm(ctx, signed_in(ctx, ctx.actor.id), "12345")


def test_turning_it_on_ends_the_other_sessions_and_is_told(house):
    with house.ctx("rep") as ctx:
        others = [signed_in(ctx, ctx.actor.id).id for _ in range(3)]
    set_up(house)
    with house.ctx("rep") as ctx:
        assert all(ctx.session.get(SignIn, key).revoked_at for key in others)
        assert "user.second_step_on" in ctx.session.execute(select(Fact.kind).where(Fact.subject_id == ctx.actor.id)).scalars().all()
        assert [order.args["letter"] for order in ctx.session.execute(select(Order).where(Order.name == "identity.mail_notice")).scalars()] == ["second_step_on"]


def test_there_is_one_and_it_is_not_changed_unseen(house):
    set_up(house)
    with house.ctx("rep") as ctx, pytest.raises(Refused, match="second_step_there"):
        second_step.begin(ctx)


def test_an_administrator_takes_it_away_and_the_person_is_told(house):
    set_up(house)
    with house.ctx() as ctx:
        second_step.reset(ctx, queries.one_user(ctx, house.users["rep"].id))
        assert second_step.of(ctx.session, house.users["rep"].id) is None
        letters = [order.args["letter"] for order in ctx.session.execute(select(Order).where(Order.name == "identity.mail_notice").order_by(Order.id)).scalars()]
        assert letters == ["second_step_on", "second_step_reset"]
    with house.ctx("rep") as ctx:
        assert ctx.session.execute(select(SignIn.id).where(SignIn.user_id == ctx.actor.id, SignIn.revoked_at.is_(None))).all() == []


def test_the_owners_is_taken_away_by_nobody_else(house):
    set_up(house, "owner")
    with house.ctx() as ctx:
        actions.give_role(ctx, queries.one_user(ctx, house.users["rep"].id), "admin")
    from core.base.context import as_actor

    with house.ctx() as ctx, pytest.raises(Refused, match="owner_stays"):
        second = queries.actor_of(queries.one_user(ctx, house.users["rep"].id))
        second_step.reset(as_actor(ctx, second), queries.one_user(ctx, house.users["owner"].id))


# ---- the workspace's rules ----

def asked(house, who, *, now=None, **session):
    with house.ctx(who, now=now) as ctx:
        row = signed_in(ctx, ctx.actor.id)
        for name, value in session.items():
            setattr(row, name, value)
        return sign_in_rules.asks_for_second_step(ctx, queries.one_user(ctx, ctx.actor.id), row, sign_in_rules.rules_of(ctx))


def test_nothing_is_asked_for_before_its_day(house):
    assert not asked(house, "rep")
    with house.ctx() as ctx:
        sign_in_rules.change_rules(ctx, second_step_from=ctx.today + timedelta(days=3))
    assert not asked(house, "rep") and asked(house, "rep", now=entry.utcnow() + timedelta(days=3))


def test_who_has_passed_one_or_comes_from_the_companys_own_sign_in_is_not_asked(house):
    with house.ctx() as ctx:
        sign_in_rules.change_rules(ctx, second_step_from=ctx.today)
    assert asked(house, "rep") and not asked(house, "rep", second_step_at=entry.utcnow()) and not asked(house, "rep", method="sso")


def test_it_is_asked_of_the_roles_that_are_named_first_or_further(house):
    from core.identity import roles

    with house.ctx() as ctx:
        sign_in_rules.change_rules(ctx, second_step_from=ctx.today, second_step_roles=["admin", "marketing"])
        roles.give_further_roles(ctx, queries.one_user(ctx, house.users["colleague"].id), ["marketing"])
    assert [asked(house, who) for who in ("owner", "rep", "colleague", "reader")] == [True, False, True, False]
    with house.ctx() as ctx, pytest.raises(Refused, match="unknown_value"):
        sign_in_rules.change_rules(ctx, second_step_roles=["nobody"])


def test_what_is_demanded_is_not_turned_off(house):
    set_up(house)
    with house.ctx() as ctx:
        sign_in_rules.change_rules(ctx, second_step_from=ctx.today)
    with house.ctx("rep") as ctx, pytest.raises(Refused, match="second_step_needed"):
        second_step.turn_off(ctx, signed_in(ctx, ctx.actor.id))


# ---- between the steps ----

def test_a_step_is_taken_once_and_dies_of_age_and_of_wrong_codes(house):
    authenticator, _ = set_up(house)
    with house.ctx("rep") as ctx:
        user = queries.one_user(ctx, ctx.actor.id)
        data = {"credential_version": user.credential_version}
        tokens = [stepping.begin(ctx.session, "code", now=ctx.now, user=user, data=data, ip=None, agent=None) for _ in range(3)]
        first = stepping.waiting(ctx.session, "code", tokens[0], ctx.now)
        assert stepping.pass_code(ctx.session, ctx.tenant.id, first, authenticator.at(ctx.now), ctx.now) == (user, "password")
        assert stepping.waiting(ctx.session, "code", tokens[0], ctx.now) is None
        assert stepping.waiting(ctx.session, "sso", tokens[1], ctx.now) is None and stepping.waiting(ctx.session, "code", None, ctx.now) is None
        assert stepping.waiting(ctx.session, "code", tokens[1], ctx.now + stepping.VALID) is None
        third = stepping.waiting(ctx.session, "code", tokens[2], ctx.now)
        for _ in range(stepping.TRIES):
            with pytest.raises(Refused, match="code_wrong"):
                stepping.pass_code(ctx.session, ctx.tenant.id, third, "x", ctx.now)
        ctx.session.expire_all()
        assert stepping.waiting(ctx.session, "code", tokens[2], ctx.now) is None


def test_a_step_ends_with_the_password_it_began_with(house):
    authenticator, _ = set_up(house)
    with house.ctx("rep") as ctx:
        user = queries.one_user(ctx, ctx.actor.id)
        token = stepping.begin(ctx.session, "code", now=ctx.now, user=user, data={"credential_version": user.credential_version}, ip=None, agent=None)
        actions.set_password(ctx, user, user.password_hash)
        assert stepping.waiting(ctx.session, "code", token, ctx.now) is None
        ctx.session.execute(update(SignInStep).values(spent_at=None))
        step = stepping.waiting(ctx.session, "code", token, ctx.now)
        with pytest.raises(Refused, match="sign_in_over"):
            stepping.pass_code(ctx.session, ctx.tenant.id, step, authenticator.at(ctx.now), ctx.now)


def test_codes_are_pure_and_foreign_digits_are_none():
    secret, now = codes.new_secret(), entry.utcnow()
    assert codes.steps_of(secret, pyotp.TOTP(secret).at(now), now) and codes.steps_of(secret, "١٢٣٤٥٦", now) == []
