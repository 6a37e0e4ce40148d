"""Starter sets by industry: made once, seen by everybody, taken back while untouched, never over what is there (PRODUCT A2)."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Forbidden, Refused
from core.base.rooms import switches
from core.custom_fields.actions import create_field
from core.custom_fields.fields import ROOMS, alive
from core.identity.models import Role, StarterSet
from core.identity.policy import BUILT_IN_ROLES
from core.parties.actions import create_account
from core.parties.columns import chosen_columns
from core.parties.queries import Filters, where_of
from core.views.models import SavedView
from core.views.rules import clean_query
from infra import i18n
from tenants import starters
from tenants.industries import SETS
from tests.support.world import House


@pytest.fixture
def house(app):
    return House(f"starter-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "manager": "manager"})


def names(house, model=SavedView):
    with house.ctx() as ctx:
        return {one.name for one in ctx.session.execute(select(model)).scalars() if getattr(one, "deleted_at", None) is None}


def fields(house):
    with house.ctx() as ctx:
        return {(room, one.label, one.kind, len(one.options)) for room in ROOMS for one in alive(ctx, room)}


@pytest.mark.parametrize("code", SETS)
def test_each_set_is_made_whole_and_taken_back_whole(house, code):
    before = names(house, Role)
    with house.ctx() as ctx:
        starters.apply(ctx, code)
    made, chosen = names(house), SETS[code]
    assert made == {view.name for view in chosen.views} and names(house, Role) == before | {role.name for role in chosen.roles}
    assert set(house.fresh().rooms_off) == set(chosen.off)
    assert fields(house) == {(one.room, one.name, one.kind, len(one.options)) for one in chosen.fields}
    with house.ctx() as ctx:
        assert starters.touched(ctx, starters.applied(ctx)) == []
        starters.undo(ctx)
    assert names(house) == set() and names(house, Role) == before and house.fresh().rooms_off == [] and fields(house) == set()


def test_a_field_of_a_set_is_labelled_in_every_language_and_stays_once_it_is_filled_in(house):
    with house.ctx() as ctx:
        starters.apply(ctx, "software")
    with house.ctx() as ctx:
        field = next(one for one in alive(ctx, "accounts") if one.kind == "date")
        assert (field.label, field.labels["ko"]) == ("Renewal", i18n.gettext("ko", "Renewal")) and set(field.labels) == {"es", "zh", "ko", "ru"}
        create_account(ctx, name="Holder", **{field.name: "2027-01-31"})
    with house.ctx() as ctx:
        assert starters.touched(ctx, starters.applied(ctx)) == ["fields"]


def test_a_field_that_is_there_is_not_made_twice(house):
    with house.ctx() as ctx:
        create_field(ctx, room="accounts", kind="text", label="retainer")
    with house.ctx() as ctx:
        starters.apply(ctx, "services")
    assert fields(house) == {("accounts", "retainer", "text", 0)}


@pytest.mark.parametrize("code", SETS)
def test_what_a_set_holds_is_valid(ctx, code):
    one = SETS[code]
    assert set(one.off) <= switches().keys() and {role.like for role in one.roles} <= BUILT_IN_ROLES.keys()
    for view in one.views:
        query = clean_query(view.query)
        chosen_columns(ctx, view.room, query["columns"])
        Filters(**{name: value for name, value in query.items() if name in ("tag", "role", "kind")})
        for field, op, value in query.get("where", ()):
            from core.parties.columns import COLUMNS

            assert COLUMNS[view.room][field].column.read(value, field) if op not in ("past", "older", "next") else value.isdigit()
    assert callable(where_of)


def test_every_word_of_a_set_is_said_in_five_languages():
    for one in SETS.values():
        for word in (one.text, one.about, *(view.name for view in one.views), *(role.name for role in one.roles), *one.tags, *(field.name for field in one.fields)):
            for lang in ("es", "zh", "ko", "ru"):
                assert i18n.gettext(lang, word), (lang, word)
                assert lang in ("es",) or i18n.gettext(lang, word) != word, (lang, word)


def test_one_set_stands_at_a_time(house):
    with house.ctx() as ctx:
        starters.apply(ctx, "retail")
    with house.ctx() as ctx, pytest.raises(Refused) as refusal:
        starters.apply(ctx, "software")
    assert refusal.value.code == "starter_applied"
    with house.ctx() as ctx:
        assert len(ctx.session.execute(select(StarterSet)).scalars().all()) == 1


def test_what_somebody_changed_or_uses_is_not_taken_away(house):
    from core.identity import actions
    from core.views import actions as views

    with house.ctx() as ctx:
        starters.apply(ctx, "trades")
    with house.ctx() as ctx:
        view = ctx.session.execute(select(SavedView)).scalars().first()
        views.change_view(ctx, view, name="Ours")
    with house.ctx() as ctx, pytest.raises(Refused) as refusal:
        starters.undo(ctx)
    assert refusal.value.code == "starter_touched" and "Ours" in names(house)
    with house.ctx() as ctx:
        assert starters.touched(ctx, starters.applied(ctx)) == ["views"]
        role = ctx.session.execute(select(Role).where(Role.name == "Site manager")).scalar_one()
        from core.identity import queries

        actions.give_role(ctx, queries.one_user(ctx, house.users["rep"].id), role.code)
    with house.ctx() as ctx:
        assert starters.touched(ctx, starters.applied(ctx)) == ["views", "roles"]


def test_it_stands_beside_what_has_its_name(house):
    from core.views import actions as views

    with house.ctx() as ctx:
        views.save_view(ctx, room="accounts", name="Suppliers", query={})
    with house.ctx() as ctx:
        starters.apply(ctx, "wholesale")
    assert {"Suppliers", "Suppliers 2"} <= names(house)


def test_only_who_manages_the_workspace_may(house):
    for who in ("rep", "manager"):
        with pytest.raises(Forbidden), house.ctx(who) as ctx:
            starters.apply(ctx, "retail")


def test_a_sign_up_leaves_the_order_for_the_set_it_chose(app):
    from billing import signup
    from core.base.outbox import Order
    from tenants import entry, provisioning
    from workers import run as runner

    provisioning.provision()
    slug = f"begin-{uuid4().hex[:6]}"
    tenant, _ = signup.sign_up(company="Begin", slug=slug, mail=f"o@{slug}.example", password="correct horse battery", name="O", industry="trades", locale="es", now=entry.utcnow())
    with entry.enter(tenant) as session:
        order = session.execute(select(Order.id).where(Order.name == starters.APPLY)).scalar_one()
    assert runner.work(str(order), str(tenant.id)) == "done"
    with entry.enter(tenant) as session:
        assert session.execute(select(StarterSet.code)).scalar_one() == "trades"
        made = set(session.execute(select(SavedView.name)).scalars())
    assert made == {i18n.gettext("es", view.name) for view in SETS["trades"].views}


def test_the_page_shows_what_would_be_made_before_and_the_way_back_after(app, house):
    from tests.support.world import Browser

    owner = Browser(app, house, "owner")
    page = owner.get("/settings/starter/").text
    assert all(text in page for text in ("Wholesale", "Key accounts", "Site manager", "Use this set"))
    assert owner.post("/settings/starter/", {"set": "nonsense"}).status_code == 422
    assert owner.post("/settings/starter/", {"set": "wholesale"}).status_code == 303
    assert "Take it back" in owner.get("/settings/starter/").text
    assert "Key accounts" in Browser(app, house, "rep").get("/accounts").text
    assert owner.post("/settings/starter/undoing").status_code == 303
    assert "Key accounts" not in Browser(app, house, "rep").get("/accounts").text
