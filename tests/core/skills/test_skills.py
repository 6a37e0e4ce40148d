"""What people can do: said by an administrator, and which of it a text asks for."""

from uuid import uuid4

import pytest

from core.base.errors import Forbidden, Invalid, Refused
from core.base.facts import timeline
from core.identity.models import User
from core.products import actions as products
from core.products import arranging
from core.skills import actions, queries, rules
from core.skills.rules import Catalogue, Skills, asked_for, known, language_code, named_in, suited
from tests.support.world import House

LIGHTS, FLOODS, DRILLS = (uuid4() for _ in range(3))
CATALOGUE = Catalogue({LIGHTS: "lights", FLOODS: "floodlights", DRILLS: "钻头"}, {LIGHTS: None, FLOODS: LIGHTS, DRILLS: None}, {"lz-30": frozenset({FLOODS})})


@pytest.fixture
def house(app):
    return House(f"sk-{uuid4().hex[:8]}")


def somebody(house, who="rep"):
    return house.users[who].id


@pytest.mark.parametrize(("typed", "code"), [
    ("es", "es"), ("pt-BR", "pt"), ("zh_Hans", "zh"), ("Spanish", "es"), ("испанский", "es"), ("스페인어", "es"), ("西班牙语", "es"), ("español", "es"), ("GERMAN", "de"), ("Klingonese", None), ("", None), (None, None),
])
def test_a_language_is_known_by_its_code_and_by_its_names(typed, code):
    assert language_code(typed) == code


@pytest.mark.parametrize(("word", "text", "found"), [
    ("cnc", "a cnc mill", True), ("cnc", "cncx", False), ("cnc", "(cnc)", True), ("hall", "all halls", False), ("钻头", "我们要钻头吗", True), ("드릴", "드릴이 필요합니다", True), ("c++", "we use c++.", True), ("", "x", False),
])
def test_a_word_counts_where_it_stands_as_one(word, text, found):
    assert named_in(word, text) is found


@pytest.mark.parametrize(("sought", "categories"), [
    ("Floodlights, please", {FLOODS, LIGHTS}), ("lights", {LIGHTS}), ("LZ-30", {FLOODS, LIGHTS}), ("two drills; lz-30", {FLOODS, LIGHTS}), ("我要钻头", {DRILLS}), ("a lz-30 lamp", set()), ("", set()), (None, set()),
])
def test_what_is_asked_for_is_named_by_category_product_or_code(sought, categories):
    assert asked_for(CATALOGUE, sought).categories == categories


def test_who_knows_a_part_of_the_catalogue_knows_what_lies_below_it():
    above, below, other = Skills(categories={LIGHTS: "Lights"}), Skills(categories={FLOODS: "Floodlights"}), Skills(words=("CNC",))
    people = {1: above, 2: below, 3: other}
    assert suited(people, asked_for(CATALOGUE, "floodlights")) == {1, 2} and suited(people, asked_for(CATALOGUE, "lights")) == {1}
    assert suited(people, asked_for(CATALOGUE, None, "A CNC mill")) == {3} and suited(people, asked_for(CATALOGUE, "钻头")) == set()
    assert suited(people, asked_for(CATALOGUE, "something", "else")) is None and known(above, asked_for(CATALOGUE, "LZ-30")) == ("Lights",)


def test_an_administrator_says_what_somebody_can_do_and_it_is_told(house):
    with house.ctx() as ctx:
        lights = arranging.add_category(ctx, name="Lights")
        ctx.session.flush()
        user = ctx.session.get_one(User, somebody(house))
        actions.set_skills(ctx, user, languages=["Spanish", "es", "fr"], category_ids=[lights.id], words=["CNC", "cnc ", ""])
        found = queries.skills_of(ctx, [user.id, ctx.actor.id])
        assert (sorted(found[user.id].languages), found[user.id].categories, [word.lower() for word in found[user.id].words]) == (["es", "fr"], {lights.id: "Lights"}, ["cnc"])
        assert found[ctx.actor.id] == Skills("en")
    with house.ctx() as ctx:
        user = ctx.session.get_one(User, somebody(house))
        actions.set_skills(ctx, user, languages=[])
        found = queries.skills_of(ctx, [user.id])[user.id]
        assert found.languages == () and found.categories and found.words, "what is not said stays"
        actions.set_skills(ctx, user, languages=[])
        assert [fact.kind for fact in ctx.session.execute(timeline(user.id)).scalars()] == ["user.skills_changed"] * 2, "nothing new is no fact"


def test_what_cannot_be_is_refused_all_at_once_and_nobody_else_may(house):
    with house.ctx() as ctx, pytest.raises(Invalid) as wrong:
        actions.set_skills(ctx, ctx.session.get_one(User, somebody(house)), languages=["Klingonese"], category_ids=[uuid4()], words=["x" * 61])
    assert [(one.code, one.field) for one in wrong.value.errors] == [("language_unknown", "languages"), ("category_unknown", "category_ids"), ("too_long", "words")]
    with house.ctx() as ctx, pytest.raises(Refused, match="too_many_items"):
        actions.set_skills(ctx, ctx.session.get_one(User, somebody(house)), words=[f"w{n}" for n in range(51)])
    with house.ctx("manager") as ctx, pytest.raises(Forbidden):
        actions.set_skills(ctx, ctx.session.get_one(User, somebody(house)), words=["x"])


def test_who_works_in_a_language_speaks_it_too(house):
    with house.ctx() as ctx:
        ctx.session.get_one(User, somebody(house, "colleague")).locale = "ko"
        actions.set_skills(ctx, ctx.session.get_one(User, somebody(house)), languages=["ko"])
        theirs = queries.skills_of(ctx, [user.id for user in house.users.values()])
        assert rules.speaking(theirs, "Korean") == {somebody(house), somebody(house, "colleague")}
        assert rules.speaking(theirs, "ru") == set() and rules.speaking(theirs, None) is None and rules.speaking(theirs, "Klingonese") is None


def test_the_catalogue_says_what_a_product_belongs_to(house):
    with house.ctx() as ctx:
        lights = arranging.add_category(ctx, name="Lights")
        ctx.session.flush()
        product = products.create_product(ctx, code="LZ-30", name="Beam", price="9", category_id=lights.id)
        ctx.session.flush()
        for said in ("lz-30", "two of: x, BEAM"):
            assert rules.asked_for(queries.catalogue_for(ctx, [said]), said).categories == {lights.id}
        assert rules.asked_for(queries.catalogue_for(ctx, [], [product.id]), None).categories == {lights.id} and queries.catalogue_for(ctx, [None]) == Catalogue()
