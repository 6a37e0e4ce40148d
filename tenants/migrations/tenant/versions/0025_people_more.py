"""Changes of one's own mail address."""

from alembic import op

revision = "0025"
down_revision = "0023"

# Frozen here: what the models say later is another revision's.
MAIL_CHANGE = """CREATE TABLE mail_change (
    id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, mail TEXT NOT NULL, mail_norm TEXT NOT NULL, former TEXT NOT NULL, former_norm TEXT NOT NULL,
    state TEXT DEFAULT 'waiting' NOT NULL, expires_at TIMESTAMP WITH TIME ZONE NOT NULL, credential_version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mail_change PRIMARY KEY (id),
    CONSTRAINT ck_mail_change_state CHECK (state IN ('waiting', 'confirmed', 'stopped', 'taken_back')),
    CONSTRAINT fk_mail_change_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE)"""
INDEXES = (
    "CREATE INDEX ix_mail_change_user_id ON mail_change (user_id)",
    "CREATE UNIQUE INDEX uq_mail_change_user_id_waiting ON mail_change (user_id) WHERE state = 'waiting'",
)
AUDITED = ("mail_change",)


def upgrade() -> None:
    for statement in (MAIL_CHANGE, *INDEXES):
        op.execute(statement)
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
