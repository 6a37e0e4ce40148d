"""Deals, leads and products have tags, as accounts and contacts do; a change of a tag reaches them too."""

from alembic import op

revision = "0098"
down_revision = "0096"

TABLES = ("deal", "lead", "product")
SETTLES = "FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION ext.settle_tags()"
CHANGED = "NEW.tags <> '{}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)"


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN tags TEXT[] DEFAULT '{{}}' NOT NULL")
        op.execute(f"CREATE INDEX ix_{table}_tags ON {table} USING gin (tags) WHERE deleted_at IS NULL")
        op.execute(f"CREATE TRIGGER a_tags_insert BEFORE INSERT ON {table} " + SETTLES.format(when="NEW.tags <> '{}'"))
        op.execute(f"CREATE TRIGGER a_tags_update BEFORE UPDATE ON {table} " + SETTLES.format(when=CHANGED))
    op.execute("ALTER TABLE tag_change_row DROP CONSTRAINT ck_tag_change_row_room")
    op.execute("ALTER TABLE tag_change_row ADD CONSTRAINT ck_tag_change_row_room CHECK (room IN ('account', 'contact', 'deal', 'lead', 'product'))")
