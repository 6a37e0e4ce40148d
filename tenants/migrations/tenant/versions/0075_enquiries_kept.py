"""An enquiry keeps whether its sender was to confirm, when a person decided about it, and that no letter may reach him. It goes with its lead, and one whose
lead is gone goes now. The audit writes down nothing of what was typed from now on."""

from alembic import op

revision = "0075"
down_revision = "0074"

SECRET = ("said", "mail_norm", "touch", "address")
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
STATEMENTS = (
    "ALTER TABLE enquiry ADD COLUMN wanted TEXT DEFAULT 'never' NOT NULL",
    "ALTER TABLE enquiry ADD COLUMN decided_at TIMESTAMP WITH TIME ZONE",
    "UPDATE enquiry SET wanted = CASE WHEN enquiry.state = 'waiting' THEN 'before' ELSE web_form.confirmed END FROM web_form WHERE web_form.id = enquiry.form_id AND (enquiry.state = 'waiting' OR web_form.confirmed <> 'never')",
    "ALTER TABLE enquiry ADD CONSTRAINT ck_enquiry_wanted CHECK (wanted IN ('never', 'before', 'after'))",
    "ALTER TABLE enquiry DROP CONSTRAINT ck_enquiry_held_for",
    "ALTER TABLE enquiry ADD CONSTRAINT ck_enquiry_held_for CHECK (held_for IN ('trap', 'no_stamp', 'fast', 'old', 'replayed', 'often', 'links', 'refused', 'unconfirmed', 'letters'))",
    "DELETE FROM enquiry WHERE state = 'taken' AND lead_id IS NULL",
    "ALTER TABLE enquiry DROP CONSTRAINT fk_enquiry_lead_id",
    "ALTER TABLE enquiry ADD CONSTRAINT fk_enquiry_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON DELETE CASCADE",
)


def upgrade() -> None:
    arguments = ", ".join(f"'{name}'" for name in SECRET)
    for event, tables in AUDITED.items():
        op.execute(f"DROP TRIGGER audit_{event} ON enquiry")
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON enquiry REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({arguments})")
    for statement in STATEMENTS:
        op.execute(statement)
