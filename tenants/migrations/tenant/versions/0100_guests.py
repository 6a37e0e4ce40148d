"""People are asked to a meeting by mail, and answer; a letter may carry what a calendar program takes."""

from alembic import op

revision = "0100"
down_revision = "0099"

STATEMENTS = (
    "CREATE TABLE activity_guest (id UUID DEFAULT uuidv7() NOT NULL, activity_id UUID NOT NULL, contact_id UUID, user_id UUID, mail TEXT NOT "
    "NULL, state TEXT DEFAULT 'new' NOT NULL, answer TEXT DEFAULT 'waiting' NOT NULL, answered_at TIMESTAMP WITH TIME ZONE, told TEXT, sequence "
    "INTEGER, meets_at TIMESTAMP WITH TIME ZONE, asking TEXT, due_at TIMESTAMP WITH TIME ZONE, asked_by UUID, created_at TIMESTAMP WITH TIME ZONE"
    " DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, "
    "CONSTRAINT pk_activity_guest PRIMARY KEY (id), CONSTRAINT ck_activity_guest_who CHECK (num_nonnulls(contact_id, user_id) = 1), CONSTRAINT "
    "ck_activity_guest_state CHECK (state IN ('new', 'asked', 'off')), CONSTRAINT ck_activity_guest_answer CHECK (answer IN ('waiting', "
    "'accepted', 'declined', 'tentative')), CONSTRAINT ck_activity_guest_asking CHECK (asking IN ('request', 'cancel')), CONSTRAINT "
    "ck_activity_guest_held CHECK ((asking IS NULL) = (due_at IS NULL)), CONSTRAINT ck_activity_guest_told CHECK ((state = 'new') = (told IS "
    "NULL)), CONSTRAINT ck_activity_guest_known CHECK (num_nonnulls(told, sequence, meets_at) IN (0, 3)), CONSTRAINT ck_activity_guest_answered "
    "CHECK ((answer = 'waiting') = (answered_at IS NULL)), CONSTRAINT fk_activity_guest_activity_id FOREIGN KEY(activity_id) REFERENCES activity "
    "(id) ON DELETE CASCADE, CONSTRAINT fk_activity_guest_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_activity_guest_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, CONSTRAINT fk_activity_guest_asked_by "
    "FOREIGN KEY(asked_by) REFERENCES app_user (id) ON DELETE SET NULL)",
    "CREATE INDEX ix_activity_guest_contact_id ON activity_guest (contact_id)",
    "CREATE INDEX ix_activity_guest_user_id ON activity_guest (user_id)",
    "CREATE UNIQUE INDEX uq_activity_guest_contact ON activity_guest (activity_id, contact_id)",
    "CREATE UNIQUE INDEX uq_activity_guest_user ON activity_guest (activity_id, user_id)",
    "ALTER TABLE outgoing_mail ADD COLUMN calendar TEXT",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON activity_guest REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture('mail')")
