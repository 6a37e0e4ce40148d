"""Tags as a table of the workspace: colour, description, how they are spelled; changes of a tag in all records."""

from alembic import op

revision = "0026"
down_revision = "0025"

# Frozen here: what the models say later is another revision's.
TAG = """CREATE TABLE tag (
    id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, name_fold TEXT GENERATED ALWAYS AS (casefold(normalize(name, NFKC))) STORED NOT NULL,
    colour TEXT DEFAULT 'grey' NOT NULL, description TEXT, leaving BOOLEAN DEFAULT false NOT NULL, becomes_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_tag PRIMARY KEY (id),
    CONSTRAINT ck_tag_colour CHECK (colour IN ('grey', 'blue', 'green', 'amber', 'red', 'violet', 'cyan', 'pink')),
    CONSTRAINT fk_tag_becomes_id FOREIGN KEY(becomes_id) REFERENCES tag (id) ON DELETE SET NULL)"""
CHANGE = """CREATE TABLE tag_change (
    id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, state TEXT DEFAULT 'running' NOT NULL, actor_id UUID NOT NULL, tag_name TEXT NOT NULL, into_name TEXT,
    kept JSONB DEFAULT '{}'::jsonb NOT NULL, rows_todo INTEGER DEFAULT 0 NOT NULL, rows_done INTEGER DEFAULT 0 NOT NULL, changed INTEGER DEFAULT 0 NOT NULL,
    undone INTEGER DEFAULT 0 NOT NULL, position INTEGER DEFAULT 0 NOT NULL, round INTEGER DEFAULT 0 NOT NULL, failure JSONB,
    finished_at TIMESTAMP WITH TIME ZONE, erased_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_tag_change PRIMARY KEY (id),
    CONSTRAINT ck_tag_change_kind CHECK (kind IN ('rename', 'merge', 'delete')),
    CONSTRAINT ck_tag_change_state CHECK (state IN ('running', 'done', 'failed', 'undoing', 'undone')),
    CONSTRAINT ck_tag_change_into CHECK ((into_name IS NULL) = (kind = 'delete')),
    CONSTRAINT fk_tag_change_actor_id FOREIGN KEY(actor_id) REFERENCES app_user (id))"""
ROW = """CREATE TABLE tag_change_row (
    run_id UUID NOT NULL, position INTEGER NOT NULL, room TEXT NOT NULL, record_id UUID NOT NULL, place INTEGER NOT NULL, had BOOLEAN NOT NULL,
    outcome TEXT DEFAULT 'changed' NOT NULL, CONSTRAINT pk_tag_change_row PRIMARY KEY (run_id, position),
    CONSTRAINT ck_tag_change_row_outcome CHECK (outcome IN ('changed', 'undone', 'kept')), CONSTRAINT ck_tag_change_row_room CHECK (room IN ('account', 'contact')),
    CONSTRAINT fk_tag_change_row_run_id FOREIGN KEY(run_id) REFERENCES tag_change (id) ON DELETE CASCADE)"""
INDEXES = (
    "CREATE UNIQUE INDEX uq_tag_name_fold ON tag (name_fold)",
    "CREATE INDEX ix_tag_becomes_id ON tag (becomes_id) WHERE becomes_id IS NOT NULL",
    "CREATE INDEX ix_tag_change_created_at ON tag_change (created_at DESC, id DESC)",
    "CREATE UNIQUE INDEX uq_tag_change_running ON tag_change ((true)) WHERE state IN ('running', 'undoing')",
    "CREATE INDEX ix_tag_change_row_record_id ON tag_change_row (record_id)",
)
# The spelling that most records have; of equals the one that sorts first.
FILL = """INSERT INTO tag (name)
    SELECT DISTINCT ON (casefold(normalize(word, NFKC))) word FROM (SELECT unnest(tags) AS word FROM account UNION ALL SELECT unnest(tags) FROM contact) said
    GROUP BY word ORDER BY casefold(normalize(word, NFKC)), count(*) DESC, word"""
SPELL = """UPDATE {table} SET tags = (SELECT array_agg(name ORDER BY place) FROM (SELECT DISTINCT ON (t.name) t.name, g.place FROM unnest({table}.tags) WITH ORDINALITY AS g (word, place)
    JOIN tag t ON t.name_fold = casefold(normalize(g.word, NFKC)) ORDER BY t.name, g.place) each_once)
    WHERE {free} EXISTS (SELECT FROM unnest({table}.tags) AS g (word) WHERE NOT EXISTS (SELECT FROM tag t WHERE t.name = g.word))"""
AUDITED = ("tag", "tag_change")
MANAGERS = ("director", "manager", "marketing")


def grant(permission: str, where: str) -> str:
    return (
        f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['{permission}']::varchar[]) AS one), "  # noqa: S608 (constants)
        f"version = version + 1 WHERE {where} AND NOT '*' = ANY(permissions)"
    )


def upgrade() -> None:
    for statement in (TAG, CHANGE, ROW, *INDEXES):
        op.execute(statement)
    op.execute(FILL)
    for table, free in (("account", ""), ("contact", "restricted_at IS NULL AND ")):
        op.execute(SPELL.format(table=table, free=free))
    for table in ("account", "contact"):
        op.execute(f"CREATE TRIGGER a_tags_insert BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.tags <> '{{}}') EXECUTE FUNCTION ext.settle_tags()")
        op.execute(
            f"CREATE TRIGGER a_tags_update BEFORE UPDATE ON {table} FOR EACH ROW WHEN (NEW.tags <> '{{}}' AND (NEW.tags IS DISTINCT FROM OLD.tags OR "
            "NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)) EXECUTE FUNCTION ext.settle_tags()"
        )
    op.execute(grant("tags.read", "(permissions && ARRAY['accounts.read', 'contacts.read']::varchar[]) AND code IS DISTINCT FROM 'partner'"))
    op.execute(grant("tags.manage", f"code IN {MANAGERS}"))
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
