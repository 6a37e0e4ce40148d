"""Exports prepared in the background; every list that is taken out stands in the audit."""

from alembic import op

revision = "0024"
down_revision = "0023"

# Frozen here: what the models say later is another revision's.
LISTS = "'accounts', 'contacts', 'activities', 'recipients'"
TABLE = f"""CREATE TABLE prepared_export (
    id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, state TEXT DEFAULT 'waiting' NOT NULL, owner_id UUID NOT NULL, file_name TEXT NOT NULL,
    format TEXT NOT NULL, wanted JSONB NOT NULL, rows_done INTEGER DEFAULT 0 NOT NULL, rows_total INTEGER DEFAULT 0 NOT NULL, size BIGINT,
    round INTEGER DEFAULT 1 NOT NULL, file_key TEXT, sight TEXT, failure JSONB, started_at TIMESTAMP WITH TIME ZONE, finished_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE, downloaded_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_prepared_export PRIMARY KEY (id),
    CONSTRAINT ck_prepared_export_kind CHECK (kind IN ({LISTS})),
    CONSTRAINT ck_prepared_export_state CHECK (state IN ('waiting', 'running', 'ready', 'fetched', 'failed', 'cancelled', 'expired')),
    CONSTRAINT ck_prepared_export_format CHECK (format IN ('csv', 'xlsx', 'vcard')),
    CONSTRAINT fk_prepared_export_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) ON DELETE CASCADE)"""
EVENTS = (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows"))


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_prepared_export_owner_id ON prepared_export (owner_id, created_at DESC)")
    op.execute("CREATE INDEX ix_prepared_export_open ON prepared_export (state) WHERE state IN ('waiting', 'running', 'ready')")
    op.execute("ALTER TABLE export_run ADD COLUMN step TEXT DEFAULT 'taken' NOT NULL, ADD CONSTRAINT ck_export_run_step CHECK (step IN ('taken', 'fetched'))")
    for event, tables in EVENTS:
        op.execute(
            f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON export_run REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('filters')"
        )
