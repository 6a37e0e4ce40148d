"""What changed on a record, by whom, page by page; who may read it."""

import pytest
from sqlalchemy import text

from core.audit import queries
from core.base.errors import Forbidden


def rename(ctx, house, *names):
    for name in names:
        ctx.session.execute(text("UPDATE app_user SET name = :n WHERE id = :id"), {"n": name, "id": house.users["reader"].id})


def test_a_records_history_says_who_changed_which_field_from_what_to_what(ctx, shared_house):
    rename(ctx, shared_house, "First", "Second")
    newest, before, *_ = queries.history(ctx, shared_house.users["reader"].id)
    assert newest.changes == {"name": ["First", "Second"]} and newest.actor_id == ctx.actor.id
    assert before.changes["name"][1] == "First" and newest.action == "update"


def test_a_secret_is_seen_to_have_changed_and_not_shown(ctx, shared_house):
    ctx.session.execute(text("UPDATE app_user SET password_hash = 'canary' WHERE id = :id"), {"id": shared_house.users["reader"].id})
    [newest, *_] = queries.history(ctx, shared_house.users["reader"].id)
    assert newest.changes == {"password_hash": ["***", "***"]}


def test_the_log_is_read_page_by_page_without_gap_or_repetition(ctx, shared_house):
    rename(ctx, shared_house, *(f"Name {n}" for n in range(7)))
    whole, pages, mark = queries.entries(ctx, table="app_user", limit=500), [], None
    while page := queries.entries(ctx, table="app_user", before=mark, limit=3):
        pages += page
        mark = (page[-1].at, page[-1].id)
    assert [one.id for one in pages] == [one.id for one in whole] and len(whole) >= 7


def test_the_log_can_be_narrowed_to_a_person_and_a_time(ctx, shared_house):
    rename(ctx, shared_house, "Somebody")
    assert all(one.actor_id == ctx.actor.id for one in queries.entries(ctx, actor_id=ctx.actor.id))
    assert queries.entries(ctx, until=ctx.now.replace(year=2000)) == []


def test_who_may_not_read_the_audit_is_refused(as_, shared_house):
    ctx = as_("rep")
    for ask in (lambda: queries.history(ctx, shared_house.users["reader"].id), lambda: queries.entries(ctx), lambda: queries.seal_of(ctx)):
        with pytest.raises(Forbidden):
            ask()
