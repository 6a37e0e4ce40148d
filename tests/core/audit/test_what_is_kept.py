"""What the audit offers as a filter is written down by the database; so are wishes of not being written to, and the workspace's settings."""

from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select, text

from core.audit.models import AuditEntry
from core.audit.words import TABLES
from core.base.model import TenantBase
from core.base.registry import load_models
from infra.db import database


def entries(ctx, table):
    query = select(AuditEntry).where(AuditEntry.table_name == table).order_by(AuditEntry.at, AuditEntry.id)
    return list(ctx.session.execute(query).scalars())


def triggers(schema):
    with database().owner() as connection:
        return {name for (name,) in connection.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = %s::regnamespace AND t.tgname = 'audit_update'", (schema,))}


def test_every_filter_of_the_page_has_a_table_that_is_watched(shared_house):
    assert set(TABLES) - {"workspace"} == triggers(shared_house.tenant.schema_name)


def test_every_table_says_that_it_is_watched_and_is(shared_house):
    load_models()
    assert {name for name, table in TenantBase.metadata.tables.items() if table.info.get("audit")} == triggers(shared_house.tenant.schema_name)


def test_a_blocked_address_leaves_who_and_when_but_not_the_address(ctx):
    ctx.session.execute(text("INSERT INTO suppression (mail_hash, scope, reason, at) VALUES (:hash, 'all', 'asked', now())"), {"hash": uuid4().bytes})
    ctx.session.execute(text("UPDATE suppression SET reason = 'complained'"))
    ctx.session.execute(text("DELETE FROM suppression"))
    made, changed, gone = entries(ctx, "suppression")[-3:]
    assert [one.action for one in (made, changed, gone)] == ["insert", "update", "delete"] and made.actor_id == ctx.actor.id
    assert changed.changes == {"reason": ["asked", "complained"]} and "mail_hash" not in gone.changes


def test_of_what_was_deleted_all_that_stood_in_it_is_kept(ctx):
    """Also in tables that keep no secret column back."""
    ctx.session.execute(text("INSERT INTO team (name, is_branch) VALUES ('Gone with the wind', true)"))
    ctx.session.execute(text("DELETE FROM team WHERE name = 'Gone with the wind'"))
    gone = entries(ctx, "team")[-1]
    assert gone.action == "delete" and (gone.changes["name"], gone.changes["is_branch"]) == ("Gone with the wind", True)


def test_a_wish_for_fewer_mailings_leaves_a_trace(ctx):
    ctx.session.execute(text("INSERT INTO mail_wish (address_hash, days) VALUES (:hash, 30)"), {"hash": uuid4().bytes})
    ctx.session.execute(text("UPDATE mail_wish SET days = 60"))
    assert entries(ctx, "mail_wish")[-1].changes == {"days": [30, 60]}


def test_the_workspaces_settings_say_who_changed_which_from_what_to_what(world):
    browser = world.browser("owner")
    before = world.acme.fresh()
    assert browser.post("/settings/workspace/", {"name": "Acme Optik", "hue": "160", "locale": "en", "timezone": "UTC"}).status_code == 303
    with world.acme.ctx("owner") as ctx:
        newest = entries(ctx, "workspace")[-1]
    assert newest.changes == {"name": [before.name, "Acme Optik"], "hue": [before.hue, 160]}
    assert (newest.actor_id, newest.row_id, newest.action) == (world.acme.users["owner"].id, before.id, "update")
    page = browser.get("/settings/audit/?table=workspace").text
    assert "Acme Optik" in page and "Workspace" in page


def test_bulk_sql_on_the_directory_is_kept_too_and_what_is_no_setting_is_not(world):
    with world.globex.ctx("owner") as ctx:
        count = len(entries(ctx, "workspace"))
    with database().owner() as connection:
        connection.execute("UPDATE control.tenant SET timezone = 'Asia/Seoul' WHERE slug = %s", (world.globex.tenant.slug,))
        connection.execute("UPDATE control.tenant SET last_activity_at = now() WHERE slug = %s", (world.globex.tenant.slug,))
    with world.globex.ctx("owner") as ctx:
        found = entries(ctx, "workspace")
    assert len(found) == count + 1 and found[-1].changes == {"timezone": ["UTC", "Asia/Seoul"]} and found[-1].actor_id is None


def test_nobody_else_can_hang_the_directorys_trigger_on_a_table_of_his_own(world):
    """Its function writes into the schema that a row names: only rows of the directory may."""
    with database().owner() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TEMP TABLE own AS SELECT * FROM control.tenant LIMIT 1")
        connection.execute("CREATE TRIGGER x AFTER UPDATE ON own FOR EACH ROW EXECUTE FUNCTION ext.audit_workspace()")
        connection.execute("UPDATE own SET name = 'Forged'")
