"""Several take part in a call, visit or meeting: people of customers, and colleagues."""

from alembic import op

revision = "0094"
down_revision = "0093"

STATEMENTS = (
    "CREATE TABLE activity_participant (id UUID DEFAULT uuidv7() NOT NULL, activity_id UUID NOT NULL, contact_id UUID, user_id UUID, created_at "
    "TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version "
    "INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_activity_participant PRIMARY KEY (id), CONSTRAINT ck_activity_participant_who CHECK "
    "(num_nonnulls(contact_id, user_id) = 1), CONSTRAINT fk_activity_participant_activity_id FOREIGN KEY(activity_id) REFERENCES activity (id) ON"
    " DELETE CASCADE, CONSTRAINT fk_activity_participant_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE, CONSTRAINT"
    " fk_activity_participant_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_activity_participant_contact_id ON activity_participant (contact_id)",
    "CREATE INDEX ix_activity_participant_user_id ON activity_participant (user_id)",
    "CREATE UNIQUE INDEX uq_activity_participant_contact ON activity_participant (activity_id, contact_id)",
    "CREATE UNIQUE INDEX uq_activity_participant_user ON activity_participant (activity_id, user_id)",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON activity_participant REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
