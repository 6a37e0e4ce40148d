"""Starter sets that a workspace began with."""

from alembic import op

revision = "0023"
down_revision = "0016"

# Frozen here: what the models say later is another revision's.
SET = """CREATE TABLE starter_set (
    id UUID DEFAULT uuidv7() NOT NULL, code TEXT NOT NULL, made JSONB DEFAULT '{}'::jsonb NOT NULL, undone_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_starter_set PRIMARY KEY (id))"""
AUDITED = ("starter_set",)


def upgrade() -> None:
    op.execute(SET)
    op.execute("CREATE UNIQUE INDEX uq_starter_set_standing ON starter_set ((true)) WHERE undone_at IS NULL")
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
