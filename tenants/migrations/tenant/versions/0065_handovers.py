"""A handover is planned row by row, run in chunks, and taken back from its rows; who hands accounts over may do it."""

from alembic import op

revision = "0065"
down_revision = "0064"

AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
LEADS = "deals.read,deals.edit,accounts.reassign"
USER = "REFERENCES app_user (id) ON DELETE CASCADE"


def upgrade() -> None:
    op.execute(f"""CREATE TABLE handover_run (
        id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, from_id UUID NOT NULL, by_id UUID NOT NULL, way TEXT NOT NULL, state TEXT DEFAULT 'planned' NOT NULL,
        wanted JSONB DEFAULT '{{}}'::jsonb NOT NULL, counts JSONB DEFAULT '{{}}'::jsonb NOT NULL, outcomes JSONB DEFAULT '{{}}'::jsonb NOT NULL, until DATE,
        rows_done INTEGER DEFAULT 0 NOT NULL, position INTEGER DEFAULT 0 NOT NULL, round INTEGER DEFAULT 0 NOT NULL, failure JSONB, started_at TIMESTAMP WITH TIME ZONE, finished_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
        CONSTRAINT pk_handover_run PRIMARY KEY (id), CONSTRAINT ck_handover_run_way CHECK (way IN ('one', 'turn', 'rules', 'hand')),
        CONSTRAINT ck_handover_run_state CHECK (state IN ('planned', 'running', 'done', 'failed', 'cancelled', 'undoing', 'undone')),
        CONSTRAINT fk_handover_run_from_id FOREIGN KEY(from_id) {USER}, CONSTRAINT fk_handover_run_by_id FOREIGN KEY(by_id) {USER})""")
    op.execute("CREATE INDEX ix_handover_run_from_id ON handover_run (from_id)")
    op.execute("CREATE INDEX ix_handover_run_by_id ON handover_run (by_id)")
    op.execute("CREATE INDEX ix_handover_run_created_at ON handover_run (created_at DESC, id DESC)")
    op.execute(f"""CREATE TABLE handover_row (
        run_id UUID NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, record_id UUID NOT NULL, to_id UUID NOT NULL, outcome TEXT DEFAULT 'due' NOT NULL,
        CONSTRAINT pk_handover_row PRIMARY KEY (run_id, position), CONSTRAINT ck_handover_row_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'leads', 'quotes', 'activities')),
        CONSTRAINT ck_handover_row_outcome CHECK (outcome IN ('due', 'since', 'given', 'undone', 'kept')),
        CONSTRAINT fk_handover_row_run_id FOREIGN KEY(run_id) REFERENCES handover_run (id) ON DELETE CASCADE, CONSTRAINT fk_handover_row_to_id FOREIGN KEY(to_id) {USER})""")
    op.execute("CREATE UNIQUE INDEX uq_handover_row_record ON handover_row (run_id, kind, record_id)")
    op.execute("CREATE INDEX ix_handover_row_outcome ON handover_row (run_id, outcome, position)")
    op.execute("CREATE INDEX ix_handover_row_to_id ON handover_row (to_id, run_id)")
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON handover_run REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
    op.execute(
        f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['handovers.run']::varchar[]) AS one) "  # noqa: S608 (constants)
        f"WHERE permissions @> '{{{LEADS}}}'::varchar[] AND visibility <> 'named'"
    )
