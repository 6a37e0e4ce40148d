"""Bulk edits with their journal; whoever changes or deletes records may do it to many at once, and roles can say otherwise."""

from alembic import op

revision = "0016"
down_revision = "0015"

# Frozen here: what the models say later is another revision's.
RUN = """CREATE TABLE bulk_edit (
    id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, state TEXT DEFAULT 'selected' NOT NULL, operation TEXT, owner_id UUID NOT NULL,
    wanted JSONB DEFAULT '{}'::jsonb NOT NULL, counts JSONB DEFAULT '{}'::jsonb NOT NULL, rows_done INTEGER DEFAULT 0 NOT NULL,
    position INTEGER DEFAULT 0 NOT NULL, round INTEGER DEFAULT 0 NOT NULL, failure JSONB, back TEXT, started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE, erased_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_bulk_edit PRIMARY KEY (id), CONSTRAINT ck_bulk_edit_kind CHECK (kind IN ('accounts', 'contacts')),
    CONSTRAINT ck_bulk_edit_state CHECK (state IN ('selected', 'previewed', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')),
    CONSTRAINT ck_bulk_edit_operation CHECK (operation IN ('change', 'owner', 'tags', 'delete')),
    CONSTRAINT ck_bulk_edit_decided CHECK (operation IS NOT NULL OR state IN ('selected', 'cancelled')),
    CONSTRAINT fk_bulk_edit_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id))"""
ROW = """CREATE TABLE bulk_edit_row (
    run_id UUID NOT NULL, position INTEGER NOT NULL, record_id UUID NOT NULL, seen_version INTEGER NOT NULL, outcome TEXT, before JSONB,
    left_version INTEGER, CONSTRAINT pk_bulk_edit_row PRIMARY KEY (run_id, position),
    CONSTRAINT ck_bulk_edit_row_outcome CHECK (outcome IN ('due', 'same', 'not_yours', 'circle', 'too_many_tags', 'since', 'gone', 'changed', 'undone', 'kept')),
    CONSTRAINT fk_bulk_edit_row_run_id FOREIGN KEY(run_id) REFERENCES bulk_edit (id) ON DELETE CASCADE)"""
INDEXES = (
    "CREATE INDEX ix_bulk_edit_created_at ON bulk_edit (created_at DESC, id DESC)",
    "CREATE INDEX ix_bulk_edit_row_outcome ON bulk_edit_row (run_id, outcome, position)",
    "CREATE INDEX ix_bulk_edit_row_record_id ON bulk_edit_row (record_id)",
)


def upgrade() -> None:
    for statement in (RUN, ROW, *INDEXES):
        op.execute(statement)
    for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
        op.execute(
            f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON bulk_edit REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('wanted', 'back')"
        )
    # Not to narrowed API tokens: what a program may do grows by a person's decision alone.
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['bulk_edits.read', 'bulk_edits.run']::varchar[]) AS one) "
        "WHERE permissions && ARRAY['accounts.edit', 'contacts.edit', 'accounts.delete', 'contacts.delete']::varchar[]"
    )
