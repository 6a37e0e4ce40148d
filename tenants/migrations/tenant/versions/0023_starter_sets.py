"""Starter sets that a workspace began with; single records shared by name, and partners, who see those alone."""

from alembic import op

revision = "0023"
down_revision = "0022"

# Frozen here: what the models say later is another revision's.
SET = """CREATE TABLE starter_set (
    id UUID DEFAULT uuidv7() NOT NULL, code TEXT NOT NULL, made JSONB DEFAULT '{}'::jsonb NOT NULL, undone_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_starter_set PRIMARY KEY (id))"""
SHARE = """CREATE TABLE record_share (
    id UUID DEFAULT uuidv7() NOT NULL, record_kind TEXT NOT NULL, record_id UUID NOT NULL, user_id UUID, team_id UUID, level TEXT DEFAULT 'read' NOT NULL,
    until DATE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_record_share PRIMARY KEY (id),
    CONSTRAINT ck_record_share_whom CHECK ((user_id IS NULL) <> (team_id IS NULL)), CONSTRAINT ck_record_share_level CHECK (level IN ('read', 'write')),
    CONSTRAINT fk_record_share_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE,
    CONSTRAINT fk_record_share_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE)"""
INDEXES = (
    "CREATE INDEX ix_record_share_record_id ON record_share (record_id)",
    "CREATE INDEX ix_record_share_user_id ON record_share (user_id) WHERE user_id IS NOT NULL",
    "CREATE INDEX ix_record_share_team_id ON record_share (team_id) WHERE team_id IS NOT NULL",
)
WIDTHS = "'named', 'own', 'team', 'branch', 'all'"
PARTNER = "{accounts.edit,accounts.read,activities.log,activities.read,comments.write,contacts.edit,contacts.read,files.write,home.read,profile.edit}"
AUDITED = ("starter_set", "record_share")


def upgrade() -> None:
    op.execute(SET)
    op.execute("CREATE UNIQUE INDEX uq_starter_set_standing ON starter_set ((true)) WHERE undone_at IS NULL")
    for statement in (SHARE, *INDEXES):
        op.execute(statement)
    for column in ("visibility", "changing"):
        op.execute(f"ALTER TABLE role DROP CONSTRAINT ck_role_{column}, ADD CONSTRAINT ck_role_{column} CHECK ({column} IN ({WIDTHS}))")
    op.execute(
        "INSERT INTO role (code, name, permissions, visibility, changing) SELECT 'partner', 'Partner', "  # noqa: S608 (our own names)
        f"'{PARTNER}', 'named', 'named' WHERE EXISTS (SELECT FROM role) AND NOT EXISTS (SELECT FROM role WHERE lower(name) = 'partner' OR code = 'partner')"
    )
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(one ORDER BY one) FROM unnest(array_append(permissions, 'shares.manage'::varchar)) AS one), version = version + 1 "
        "WHERE permissions && ARRAY['accounts.edit', 'contacts.edit']::varchar[] AND NOT 'shares.manage' = ANY(permissions) AND code <> 'partner'"
    )
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
