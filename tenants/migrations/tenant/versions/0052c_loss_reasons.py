"""The workspace's own list of reasons for which deals are lost."""

from alembic import op

revision = "0052c"
down_revision = "0052b"

AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    op.execute(
        "CREATE TABLE loss_reason (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
        "CONSTRAINT pk_loss_reason PRIMARY KEY (id), CONSTRAINT ck_loss_reason_name CHECK (char_length(name) BETWEEN 1 AND 100))"
    )
    op.execute("CREATE UNIQUE INDEX uq_loss_reason_name ON loss_reason (lower(name))")
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON loss_reason REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
