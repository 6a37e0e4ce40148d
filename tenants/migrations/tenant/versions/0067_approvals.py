"""What waits for somebody's yes stands in a room of its own, with limits by role; what quotes had asked for moves there."""

from alembic import op

revision = "0067"
down_revision = "0065"

AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
RECORD = "id UUID DEFAULT uuidv7() NOT NULL"
TAIL = "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL"
STATEMENTS = (
    f"CREATE TABLE approval ({RECORD}, kind TEXT NOT NULL, record_kind TEXT NOT NULL, record_id UUID NOT NULL, title TEXT NOT NULL, state TEXT DEFAULT 'waiting' NOT NULL, needs JSONB DEFAULT '[]'::jsonb NOT NULL, "
    "facts JSONB DEFAULT '[]'::jsonb NOT NULL, fingerprint TEXT NOT NULL, note TEXT NOT NULL, asked_at TIMESTAMP WITH TIME ZONE NOT NULL, asked_by UUID, asked_ids UUID[] DEFAULT '{}' NOT NULL, "
    "decided_at TIMESTAMP WITH TIME ZONE, decided_by UUID, decided_for UUID, decided_note TEXT, escalate_at TIMESTAMP WITH TIME ZONE, escalated INTEGER DEFAULT 0 NOT NULL, "
    f"{TAIL}, CONSTRAINT pk_approval PRIMARY KEY (id), CONSTRAINT ck_approval_state CHECK (state IN ('waiting', 'approved', 'refused', 'void')), CONSTRAINT ck_approval_own CHECK (decided_by <> asked_by), "
    "CONSTRAINT ck_approval_deputy CHECK (decided_for <> decided_by), CONSTRAINT ck_approval_decided CHECK ((state IN ('approved', 'refused')) = (decided_at IS NOT NULL)), "
    "CONSTRAINT ck_approval_reason CHECK (state <> 'refused' OR decided_note IS NOT NULL), CONSTRAINT fk_approval_asked_by FOREIGN KEY(asked_by) REFERENCES app_user (id) ON DELETE SET NULL, "
    "CONSTRAINT fk_approval_decided_by FOREIGN KEY(decided_by) REFERENCES app_user (id) ON DELETE SET NULL, CONSTRAINT fk_approval_decided_for FOREIGN KEY(decided_for) REFERENCES app_user (id) ON DELETE SET NULL)",
    "CREATE UNIQUE INDEX uq_approval_waiting ON approval (kind, record_id) WHERE state = 'waiting'",
    "CREATE INDEX ix_approval_record_id ON approval (record_id)",
    "CREATE INDEX ix_approval_asked ON approval (asked_at, id) WHERE state = 'waiting'",
    f"CREATE TABLE approval_limit ({RECORD}, role_id UUID NOT NULL, code TEXT NOT NULL, currency TEXT, value NUMERIC(18, 4) NOT NULL, {TAIL}, CONSTRAINT pk_approval_limit PRIMARY KEY (id), "
    "CONSTRAINT ck_approval_limit_currency CHECK (currency ~ '^[A-Z]{3}$'), CONSTRAINT fk_approval_limit_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX uq_approval_limit_role_code ON approval_limit (role_id, code, currency) NULLS NOT DISTINCT",
    f"CREATE TABLE approval_clock ({RECORD}, hours INTEGER NOT NULL, opens INTEGER DEFAULT 9 NOT NULL, closes INTEGER DEFAULT 17 NOT NULL, weekdays INTEGER[] DEFAULT '{{1,2,3,4,5}}' NOT NULL, {TAIL}, CONSTRAINT pk_approval_clock PRIMARY KEY (id), "
    "CONSTRAINT ck_approval_clock_hours CHECK (hours BETWEEN 1 AND 200), CONSTRAINT ck_approval_clock_day CHECK (opens BETWEEN 0 AND 23 AND closes BETWEEN 1 AND 24 AND opens < closes), "
    "CONSTRAINT ck_approval_clock_weekdays CHECK (cardinality(weekdays) > 0 AND weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]))",
    "CREATE UNIQUE INDEX uq_approval_clock_one ON approval_clock ((true))",
    # What waited had no checksum of what it was about: it is kept as void, and asked for again.
    "INSERT INTO approval (kind, record_kind, record_id, title, state, fingerprint, note, asked_at, asked_by) SELECT 'quote', 'quote', q.id, q.name, 'void', '', coalesce(v.approval_note, ''), v.asked_at, u.id "
    "FROM quote_version v JOIN quote q ON q.id = v.quote_id LEFT JOIN app_user u ON u.id = v.asked_by WHERE v.state = 'draft' AND v.asked_at IS NOT NULL",
    "UPDATE quote_version SET approved_at = NULL, approved_by = NULL WHERE state = 'draft' AND approved_at IS NOT NULL",
    "DROP INDEX ix_quote_version_asked_at",
    "ALTER TABLE quote_version DROP COLUMN asked_at, DROP COLUMN asked_by, DROP COLUMN approval_note",
    "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['approvals.decide', 'approvals.read']::varchar[]) AS one) "
    "WHERE permissions && '{quotes.edit,quotes.approve}'::varchar[] AND visibility <> 'named'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("approval", "approval_limit", "approval_clock"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
