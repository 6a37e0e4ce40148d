"""Invitations by mail."""

from alembic import op

revision = "0007"
down_revision = "0006"

# Frozen here: what the models say later is another revision's.
TABLE = """CREATE TABLE invitation (
    id UUID DEFAULT uuidv7() NOT NULL, mail TEXT NOT NULL, mail_norm TEXT NOT NULL, name TEXT, role_id UUID, team_id UUID,
    state TEXT DEFAULT 'waiting' NOT NULL, expires_at TIMESTAMP WITH TIME ZONE NOT NULL, nonce INTEGER DEFAULT 1 NOT NULL,
    invited_by UUID, accepted_user_id UUID, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_invitation PRIMARY KEY (id), CONSTRAINT ck_invitation_state CHECK (state IN ('waiting', 'accepted', 'revoked')),
    CONSTRAINT fk_invitation_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE SET NULL,
    CONSTRAINT fk_invitation_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE SET NULL,
    CONSTRAINT fk_invitation_invited_by FOREIGN KEY(invited_by) REFERENCES app_user (id) ON DELETE SET NULL,
    CONSTRAINT fk_invitation_accepted_user_id FOREIGN KEY(accepted_user_id) REFERENCES app_user (id) ON DELETE SET NULL)"""
INDEXES = (
    "CREATE UNIQUE INDEX uq_invitation_mail_norm_waiting ON invitation (mail_norm) WHERE state = 'waiting'",
    "CREATE INDEX ix_invitation_role_id ON invitation (role_id)",
    "CREATE INDEX ix_invitation_team_id ON invitation (team_id)",
)


def upgrade() -> None:
    op.execute(TABLE)
    for index in INDEXES:
        op.execute(index)
    for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON invitation REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
