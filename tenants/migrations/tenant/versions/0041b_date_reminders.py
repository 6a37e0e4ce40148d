"""Reminders of dates that records have, and the last day of which each user was told."""

from alembic import op

revision = "0041b"
down_revision = "0041"

STATEMENTS = (
    "CREATE TABLE date_reminder (id UUID DEFAULT uuidv7() NOT NULL, room TEXT NOT NULL, field TEXT NOT NULL, days_before SMALLINT[] NOT NULL, yearly BOOLEAN DEFAULT true NOT NULL, "
    "to_owner BOOLEAN DEFAULT true NOT NULL, to_followers BOOLEAN DEFAULT false NOT NULL, role_id UUID, user_id UUID, deleted_at TIMESTAMP WITH TIME ZONE, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, "
    "CONSTRAINT pk_date_reminder PRIMARY KEY (id), CONSTRAINT ck_date_reminder_room CHECK (room IN ('accounts', 'contacts')), "
    "CONSTRAINT ck_date_reminder_days_before CHECK (cardinality(days_before) BETWEEN 1 AND 10 AND 0 <= ALL (days_before) AND 366 >= ALL (days_before)), "
    "CONSTRAINT fk_date_reminder_role_id FOREIGN KEY(role_id) REFERENCES role (id) ON DELETE SET NULL, "
    "CONSTRAINT fk_date_reminder_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE SET NULL)",
    "CREATE INDEX ix_date_reminder_role_id ON date_reminder (role_id) WHERE role_id IS NOT NULL",
    "CREATE INDEX ix_date_reminder_user_id ON date_reminder (user_id) WHERE user_id IS NOT NULL",
    "CREATE TABLE date_reminder_day (id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, day DATE NOT NULL, CONSTRAINT pk_date_reminder_day PRIMARY KEY (id), "
    "CONSTRAINT uq_date_reminder_day_user_id UNIQUE (user_id), CONSTRAINT fk_date_reminder_day_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE)",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON date_reminder REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
