"""Own fields: definitions, taken values, what a search finds them by. What imports have kept so far becomes text fields."""

from alembic import op

revision = "0020"
down_revision = "0019"

# Frozen here: what the models say later is another revision's.
FIELD = """CREATE TABLE custom_field (
    id UUID DEFAULT uuidv7() NOT NULL, room TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL,
    labels JSONB DEFAULT '{}'::jsonb NOT NULL, help TEXT, options JSONB DEFAULT '[]'::jsonb NOT NULL,
    is_required BOOLEAN DEFAULT false NOT NULL, is_unique BOOLEAN DEFAULT false NOT NULL, preset JSONB DEFAULT '{}'::jsonb NOT NULL,
    shown_when JSONB DEFAULT '{}'::jsonb NOT NULL, section TEXT, position INTEGER DEFAULT 0 NOT NULL, in_list BOOLEAN DEFAULT false NOT NULL,
    is_searched BOOLEAN DEFAULT false NOT NULL, is_personal BOOLEAN DEFAULT false NOT NULL, archived_at TIMESTAMP WITH TIME ZONE,
    erased_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_custom_field PRIMARY KEY (id),
    CONSTRAINT ck_custom_field_kind CHECK (kind IN ('text', 'long_text', 'whole', 'decimal', 'amount', 'date', 'moment', 'yes_no', 'choice', 'choices', 'mail', 'phone', 'link', 'user', 'account', 'contact')),
    CONSTRAINT ck_custom_field_key CHECK (char_length(key) BETWEEN 1 AND 60),
    CONSTRAINT ck_custom_field_erased CHECK (erased_at IS NULL OR archived_at IS NOT NULL))"""
UNIQUE = """CREATE TABLE custom_unique (
    field_id UUID NOT NULL, value_hash BYTEA NOT NULL, record_id UUID NOT NULL, CONSTRAINT pk_custom_unique PRIMARY KEY (field_id, value_hash),
    CONSTRAINT fk_custom_unique_field_id FOREIGN KEY(field_id) REFERENCES custom_field (id) ON DELETE CASCADE)"""
INDEXES = (
    "CREATE UNIQUE INDEX uq_custom_field_room_key ON custom_field (room, key)",
    "CREATE INDEX ix_custom_unique_record_id ON custom_unique (record_id)",
)
FIND = "nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == \"string\")')::text)), '[]')"
# One line of at most 200 characters is a text, anything longer a text of several lines; nothing is lost or changed.
KEPT = """INSERT INTO custom_field (room, key, kind, label, position)
    SELECT '{room}', kept.key, CASE WHEN kept.long THEN 'long_text' ELSE 'text' END, upper(left(replace(kept.key, '_', ' '), 1)) || substr(replace(kept.key, '_', ' '), 2, 59),
        (row_number() OVER (ORDER BY kept.key))::integer - 1
    FROM (SELECT pair.key, bool_or(length(pair.value) > 200 OR pair.value ~ '[\\n\\t]') AS long FROM {table}, jsonb_each_text(custom) AS pair GROUP BY pair.key) AS kept
    WHERE char_length(kept.key) BETWEEN 1 AND 60"""


def upgrade() -> None:
    for statement in (FIELD, UNIQUE, *INDEXES):
        op.execute(statement)
    for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON custom_field REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
    for table in ("account", "contact"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN custom_find TEXT GENERATED ALWAYS AS ({FIND}) STORED")
        op.execute(f"CREATE INDEX ix_{table}_custom ON {table} USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL")
        op.execute(f"CREATE INDEX ix_{table}_custom_find ON {table} USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL")
        op.execute(KEPT.format(room=f"{table}s", table=table))
