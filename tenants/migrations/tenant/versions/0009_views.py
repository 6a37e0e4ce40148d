"""Saved views of lists, and how a list opens for somebody."""

from alembic import op

revision = "0009"
down_revision = "0008"

# Frozen here: what the models say later is another revision's.
STAMPS = "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID"
TABLES = {
    "saved_view": f"""user_id UUID NOT NULL, room TEXT NOT NULL, name TEXT NOT NULL, audience TEXT DEFAULT 'me' NOT NULL, team_id UUID,
    query JSONB DEFAULT '{{}}'::jsonb NOT NULL, deleted_at TIMESTAMP WITH TIME ZONE, {STAMPS},
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT ck_saved_view_audience CHECK (audience IN ('me', 'team', 'everyone')),
    CONSTRAINT fk_saved_view_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE,
    CONSTRAINT fk_saved_view_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE SET NULL""",
    "list_habit": f"""user_id UUID NOT NULL, room TEXT NOT NULL, columns VARCHAR[], view_id UUID, {STAMPS},
    CONSTRAINT fk_list_habit_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE,
    CONSTRAINT fk_list_habit_view_id FOREIGN KEY(view_id) REFERENCES saved_view (id) ON DELETE SET NULL""",
}
INDEXES = (
    "CREATE UNIQUE INDEX uq_saved_view_name ON saved_view (user_id, room, lower(name)) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_saved_view_room ON saved_view (room) WHERE deleted_at IS NULL AND audience <> 'me'",
    "CREATE INDEX ix_saved_view_team_id ON saved_view (team_id) WHERE team_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_list_habit_user_room ON list_habit (user_id, room)",
    "CREATE INDEX ix_list_habit_view_id ON list_habit (view_id) WHERE view_id IS NOT NULL",
)
SHARE = ("director", "manager", "team_lead", "marketing")


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} (id UUID DEFAULT uuidv7() NOT NULL, {columns}, CONSTRAINT pk_{name} PRIMARY KEY (id))")
    for index in INDEXES:
        op.execute(index)
    for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON saved_view REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
    op.execute(f"UPDATE role SET permissions = array_append(permissions, 'views.share') WHERE code IN {SHARE} AND NOT 'views.share' = ANY (permissions)")  # noqa: S608 (our own names)
