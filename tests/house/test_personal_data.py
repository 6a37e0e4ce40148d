"""Every text of a tenant's schema is declared: personal, and then how it is found and erased, or harmless, and why (RELIABILITY V14)."""

import pytest
from sqlalchemy import ARRAY, JSON, Column, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY as PG_ARRAY

from core.base.model import TenantBase
from core.base.personal import Personal, harmless, personal
from core.base.registry import collect_children, load_models


def tells(column) -> bool:
    """Could somebody stand in it? Numbers, days, keys and yes or no tell of nobody by themselves; a computed one follows its own."""
    return isinstance(column.type, String | Text | JSON | ARRAY | PG_ARRAY | LargeBinary) and column.computed is None


def undeclared(tables, declared, fine):
    return {
        f"{table.name}.{column.name}" for table in tables for column in table.columns
        if tells(column) and table.name not in fine and f"{table.name}.{column.name}" not in fine
        and column.name not in (declared[table.name].columns if table.name in declared else ())
    }


@pytest.fixture(scope="module")
def tables():
    load_models()
    return list(TenantBase.metadata.tables.values())


def test_every_text_is_declared(tables):
    assert undeclared(tables, personal(), harmless()) == set()


def test_every_table_is_declared(tables):
    said = set(personal()) | {one.partition(".")[0] for one in harmless()}
    assert {table.name for table in tables if table.name not in said and any(tells(column) for column in table.columns)} == set()


def test_a_forgotten_column_and_table_are_found(tables):
    """Negative control."""
    new = Table("nickname", MetaData(), Column("said", Text), Column("more", JSON))
    assert undeclared([new], {"nickname": Personal("nickname", told=("said",))}, {}) == {"nickname.more"}
    assert undeclared([new], {}, {}) == {"nickname.said", "nickname.more"}


def test_what_is_declared_is_there(tables):
    columns = {name: set(table.c.keys()) for name, table in TenantBase.metadata.tables.items()}
    for one in personal().values():
        assert {*one.columns, *one.by} <= columns[one.table], one.table
        assert not (set(one.columns) & {name.partition(".")[2] for name in harmless() if name.startswith(f"{one.table}.")}), one.table
    for name, why in harmless().items():
        table, _, column = name.partition(".")
        assert why and (not column or column in columns[table]) and table in columns, name


def test_what_hangs_on_a_record_is_its_own_and_says_what_the_end_of_the_bin_makes_of_it():
    """Children of accounts and contacts (DECISIONS 2): found by the same columns, and none is left without its parent by accident."""
    for child in collect_children():
        if child.table in ("account", "contact"):
            continue
        one = personal()[child.table]
        assert child.column in one.by, child
        assert set(child.personal) <= set(one.columns), child
        keys = TenantBase.metadata.tables[child.table].c[child.column].foreign_keys
        assert one.purged != "keep" or all(key.ondelete for key in keys), child
        assert one.purged != "clear" or all(key.ondelete for key in keys), child
