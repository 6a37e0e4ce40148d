"""What is found where a name is not written as it was typed: slips of the finger, Chinese and Hangul by their sound, names of merged records."""

import pytest
from sqlalchemy import select, text

from core.merging.running import merge
from core.parties import actions, nearby, offering, romanising
from core.parties.models import Account, Contact
from core.search.queries import everything
from infra.db import database
from tests.support.statements import counted


def people(ctx, *names):
    made = [actions.create_contact(ctx, name=name) for name in names]
    ctx.session.flush()
    return made


def names(ctx, typed):
    return [row.name for row in everything(ctx, typed)]


@pytest.mark.parametrize(("kept", "typed"), [
    ("Maria Schmidt", "schmitd"), ("Maria Schmidt", "schmit"), ("Maria Schmidt", "schmmidt"), ("Maria Schmidt", "schnidt"), ("Maria Schmidt", "maria shcmidt"), ("John Smith", "simth"), ("John Smith", "smyth"), ("John Smith", "smiht"),
    ("Zoltán Kövesdy", "kovesdi"), ("Аристарх Верещагин", "аристрах"), ("Wolfgang Großschädl", "wolgang großschädl"), ("Fitzgerald O'Shaughnessy", "shaughnesy"),
])
def test_a_slip_in_a_word_of_five_letters_finds_who_is_meant(ctx, kept, typed):
    people(ctx, kept, "Somebody Else", "Berta Vogel")
    assert names(ctx, typed) == [kept]


@pytest.mark.parametrize("typed", ["smih", "jxhn", "schxxdt", "12345", "x@y.example", "smith vogel"])
def test_short_words_numbers_and_two_slips_find_nobody(ctx, typed):
    people(ctx, "John Smith", "Maria Schmidt", "Berta Vogel")
    assert names(ctx, typed) == []


def test_who_is_written_as_typed_stands_alone_and_costs_no_further_statement(ctx):
    people(ctx, "Maria Schmitt", "Maria Schmidt")
    with counted() as sent:
        assert names(ctx, "schmitt") == ["Maria Schmitt"]
    assert len(sent) == 2
    with counted() as sent:
        assert names(ctx, "schmist") == ["Maria Schmidt", "Maria Schmitt"]
    assert len(sent) == 5


def test_a_company_is_offered_despite_a_slip(ctx):
    actions.create_account(ctx, name="Talleres Ríos")
    ctx.session.flush()
    assert [row.name for row in offering.quick_accounts(ctx, "tallers rios")] == ["Talleres Ríos"] and offering.quick_contacts(ctx, "tallers rios") == []


@pytest.mark.parametrize(("kept", "typed"), [
    ("王明", "wang"), ("王明", "wang ming"), ("王明", "wangming"), ("王明", "Ming Wang"), ("欧阳明远", "ouyang"), ("单雄信", "shan"), ("曾国藩", "zeng"), ("張偉", "zhang wei"), ("上海明珠", "shanghai"), ("北京华信", "beijing huaxin"),
    ("김철수", "kim"), ("김철수", "kim chulsoo"), ("김철수", "cheolsu"), ("박민수", "park"), ("이영희", "lee younghee"), ("남궁혜린", "namgung hyerin"), ("서울정밀", "seoul"),
])
def test_a_name_is_found_by_how_it_is_read(ctx, kept, typed):
    people(ctx, kept, "John Smith", "阮氏", "홍길동")
    assert names(ctx, typed) == [kept]


@pytest.mark.parametrize("typed", ["ㄱㅊㅅ", "ㄱㅊ", "김ㅊ", "김처", "김철ㅅ", "ㅊㅅ ㄱㅊ"])
def test_a_korean_name_is_found_by_its_initials_and_while_it_is_typed(ctx, typed):
    people(ctx, "김철수 부장" if " " not in typed else "김철수 철수", "박민수", "홍길동")
    assert [name[:3] for name in names(ctx, typed)] == ["김철수"]


@pytest.mark.parametrize("typed", ["ㅏㅏ", "ㄱ", "kovesdy", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaax", "[a-z", "김.*", "%ㄱㅊ"])
def test_what_is_no_sound_of_a_name_finds_nobody(ctx, typed):
    people(ctx, "김철수", "王明")
    assert names(ctx, typed) == []


def test_the_signs_of_a_sound_are_few_and_their_patterns_short():
    assert all(len(way.pattern) < 8000 for word in ("yiyiyiyiyiyi", "xianxianxianxian", "anananananananan", "minsu") if (way := romanising.of_latin(word)))


def test_the_old_name_of_a_merged_record_finds_what_it_became(ctx):
    old, middle, new = (actions.create_account(ctx, name=name) for name in ("Quokka Trading", "Wombat Holding", "Numbat Group"))
    ctx.session.flush()
    assert merge(ctx, "account", middle.id, [old.id]).state == merge(ctx, "account", new.id, [middle.id]).state == "done"
    ctx.session.flush()
    assert names(ctx, "quokka") == names(ctx, "wombat hold") == ["Numbat Group"] and names(ctx, "quokka wombat") == []


def test_the_old_name_shows_nobody_what_he_does_not_see(world):
    with world.acme.ctx("colleague") as ctx:
        old, new = (actions.create_account(ctx, name=name) for name in ("Potoroo Trading", "Bilby Group"))
        ctx.session.flush()
        keys = old.id, new.id
    with world.acme.ctx("owner") as ctx:
        merge(ctx, "account", keys[1], [keys[0]])
    for who, found in (("colleague", ["Bilby Group"]), ("rep", [])):
        with world.acme.ctx(who) as ctx:
            assert names(ctx, "potoroo") == found and names(ctx, "potaroo trading") == []


@pytest.mark.parametrize(("model", "typed", "condition", "index"), [
    (Contact, "ㄱㅊㅅ", nearby.read_so, "ix_contact_initials"), (Account, "ㄱㅊ", nearby.read_so, "ix_account_initials"), (Contact, "kim", nearby.read_so, "ix_contact_east_asian"),
    (Contact, "quokka", nearby.once_called, "ix_contact_was_called"), (Contact, "schmitd", nearby._near, "ix_contact_find"),
])
def test_each_way_has_its_index(world, model, typed, condition, index):
    with world.globex.ctx() as ctx:
        table = model.__tablename__
        ctx.session.execute(text(f"INSERT INTO {table} (name) SELECT CASE WHEN i % 100 = 0 THEN '김철수 王明' ELSE '홍길동 阮 Filler ' END || i FROM generate_series(1, 1500) i"))  # noqa: S608
        ctx.session.execute(text(f"INSERT INTO {table} (name, merged_into, deleted_at) SELECT 'Gone ' || n, id, now() FROM {table}, generate_series(1, 5) n WHERE name LIKE '%Filler%'"))  # noqa: S608
    with database().owner() as owner:
        owner.execute(f"VACUUM ANALYZE {world.globex.tenant.schema_name}.{model.__tablename__}")
    with world.globex.ctx() as ctx:
        ctx.session.execute(text("SET LOCAL enable_seqscan = off"))
        ctx.session.execute(text("SET LOCAL enable_indexscan = off"))  # so few rows are read whole as quickly
        wanted = select(model.id).where(condition(typed, model), model.deleted_at.is_(None)).compile(ctx.session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(ctx.session.connection().exec_driver_sql(f"EXPLAIN {wanted}".replace("%%", "%").replace("%", "%%")).scalars())
        assert index in plan, plan
