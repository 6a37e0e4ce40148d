"""To whom leads go that come in by themselves."""

from alembic import op

revision = "0051d"
down_revision = "0051c"

STATEMENTS = (
    "CREATE TABLE lead_assignment (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, conditions JSONB DEFAULT '[]'::jsonb NOT NULL, way TEXT "
    "DEFAULT 'turn' NOT NULL, user_ids UUID[] DEFAULT '{}' NOT NULL, position INTEGER DEFAULT 0 NOT NULL, created_at TIMESTAMP WITH TIME ZONE "
    "DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, "
    "CONSTRAINT pk_lead_assignment PRIMARY KEY (id), CONSTRAINT ck_lead_assignment_name CHECK (char_length(name) BETWEEN 1 AND 100), CONSTRAINT "
    "ck_lead_assignment_way CHECK (way IN ('turn', 'least')))",
    "CREATE TABLE lead_turn (assignment_id UUID NOT NULL, user_id UUID NOT NULL, CONSTRAINT pk_lead_turn PRIMARY KEY (assignment_id), CONSTRAINT "
    "fk_lead_turn_assignment_id FOREIGN KEY(assignment_id) REFERENCES lead_assignment (id) ON DELETE CASCADE)",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON lead_assignment REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
