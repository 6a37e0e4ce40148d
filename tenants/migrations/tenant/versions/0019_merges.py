"""Merges with their journal, pairs that may be the same, and the search for them; roles that change and delete records may merge them."""

from alembic import op

revision = "0019"
down_revision = "0018"

# Frozen here: what the models say later is another revision's.
TABLES = (
    """CREATE TABLE duplicate_pair ( id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, a_id UUID NOT NULL, b_id UUID NOT NULL, score DOUBLE PRECISION
    NOT NULL, reasons TEXT[] NOT NULL, state TEXT DEFAULT 'open' NOT NULL, decided_by UUID, decided_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH
    TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_duplicate_pair PRIMARY KEY (id), CONSTRAINT ck_duplicate_pair_kind CHECK (kind IN
    ('account', 'contact')), CONSTRAINT ck_duplicate_pair_state CHECK (state IN ('open', 'later', 'not_duplicates', 'merged')) )""",
    """CREATE TABLE merge_run ( id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, state TEXT DEFAULT 'running' NOT NULL, owner_id UUID NOT NULL,
    survivor_id UUID NOT NULL, loser_ids UUID[] NOT NULL, names TEXT[] NOT NULL, fields JSONB DEFAULT '{}'::jsonb NOT NULL, losers JSONB DEFAULT
    '{}'::jsonb NOT NULL, strict JSONB DEFAULT '{}'::jsonb NOT NULL, kept TEXT[] DEFAULT '{}' NOT NULL, counts JSONB DEFAULT '{}'::jsonb NOT NULL,
    rows_done INTEGER DEFAULT 0 NOT NULL, rows_todo INTEGER DEFAULT 0 NOT NULL, round INTEGER DEFAULT 0 NOT NULL, failure JSONB, finished_at TIMESTAMP
    WITH TIME ZONE, erased_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP
    WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_merge_run PRIMARY KEY (id), CONSTRAINT ck_merge_run_kind
    CHECK (kind IN ('account', 'contact')), CONSTRAINT ck_merge_run_state CHECK (state IN ('running', 'done', 'failed', 'undoing', 'undone')), CONSTRAINT
    fk_merge_run_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) )""",
    """CREATE TABLE merge_row ( run_id UUID NOT NULL, child TEXT NOT NULL, row_id UUID NOT NULL, from_id UUID NOT NULL, outcome TEXT NOT NULL, CONSTRAINT
    pk_merge_row PRIMARY KEY (run_id, child, row_id), CONSTRAINT ck_merge_row_outcome CHECK (outcome IN ('moved', 'stayed', 'undone', 'elsewhere',
    'gone')), CONSTRAINT fk_merge_row_run_id FOREIGN KEY(run_id) REFERENCES merge_run (id) ON DELETE CASCADE )""",
    """CREATE TABLE duplicate_scan ( id UUID DEFAULT uuidv7() NOT NULL, state TEXT DEFAULT 'running' NOT NULL, kind TEXT DEFAULT 'account' NOT NULL, position
    UUID, threshold FLOAT(53) NOT NULL, since TIMESTAMP WITH TIME ZONE, found INTEGER DEFAULT 0 NOT NULL, rows_done INTEGER DEFAULT 0 NOT NULL, rows_todo
    INTEGER DEFAULT 0 NOT NULL, round INTEGER DEFAULT 0 NOT NULL, finished_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now()
    NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT
    pk_duplicate_scan PRIMARY KEY (id), CONSTRAINT ck_duplicate_scan_state CHECK (state IN ('running', 'done', 'failed', 'cancelled')) )""",
)
INDEXES = (
    "CREATE INDEX ix_duplicate_pair_b_id ON duplicate_pair (b_id)",
    "CREATE INDEX ix_duplicate_pair_open ON duplicate_pair (kind, score DESC, id) WHERE state = 'open'",
    "CREATE UNIQUE INDEX uq_duplicate_pair_both ON duplicate_pair (a_id, b_id)",
    "CREATE INDEX ix_merge_run_created_at ON merge_run (created_at DESC, id DESC)",
    "CREATE INDEX ix_merge_run_survivor_id ON merge_run (survivor_id)",
    "CREATE INDEX ix_merge_row_from_id ON merge_row (from_id)",
    "CREATE INDEX ix_merge_row_outcome ON merge_row (run_id, outcome, child, row_id)",
    "CREATE INDEX ix_duplicate_scan_created_at ON duplicate_scan (created_at DESC)",
    "CREATE INDEX ix_account_postcode ON account (postcode) WHERE postcode IS NOT NULL",
    "CREATE INDEX ix_contact_birthday ON contact (birthday) WHERE birthday IS NOT NULL",
)


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    for table in ("account", "contact"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN merged_into UUID")
        op.execute(f"CREATE INDEX ix_{table}_merged_into ON {table} (merged_into) WHERE merged_into IS NOT NULL")
    for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
        op.execute(
            f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON merge_run REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('fields', 'losers', 'strict')"
        )
    # Not to narrowed API tokens: what a program may do grows by a person's decision alone.
    for things in ("accounts", "contacts"):
        more = f"ARRAY['{things}.merge', 'merges.read', 'merges.run']::varchar[]"
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || {more}) AS one) "
            f"WHERE permissions @> ARRAY['{things}.edit', '{things}.delete']::varchar[]"
        )
