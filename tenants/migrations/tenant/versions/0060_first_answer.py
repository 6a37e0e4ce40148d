"""The clock until somebody who came in by himself has his first answer, and when a workspace works."""

from alembic import op

revision = "0060"
down_revision = "0059"

STATEMENTS = (
    "CREATE TABLE lead_clock (id UUID DEFAULT uuidv7() NOT NULL, within INTEGER, warned INTEGER, days SMALLINT[] DEFAULT '{0,1,2,3,4}' NOT NULL, "
    "opens SMALLINT DEFAULT 540 NOT NULL, closes SMALLINT DEFAULT 1020 NOT NULL, holidays DATE[] DEFAULT '{}' NOT NULL, only_open BOOLEAN DEFAULT "
    "false NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() "
    "NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_lead_clock PRIMARY KEY (id), CONSTRAINT ck_lead_clock_within CHECK (within BETWEEN "
    "1 AND 60000), CONSTRAINT ck_lead_clock_warned CHECK (warned >= 0 AND warned < within), CONSTRAINT ck_lead_clock_hours CHECK (opens >= 0 AND "
    "opens < closes AND closes <= 1440), CONSTRAINT ck_lead_clock_days CHECK (cardinality(days) > 0))",
    "CREATE UNIQUE INDEX uq_lead_clock_one ON lead_clock ((true))",
    "ALTER TABLE lead ADD COLUMN answer TEXT, ADD COLUMN answer_due_at TIMESTAMP WITH TIME ZONE, ADD COLUMN answer_warn_at TIMESTAMP WITH TIME ZONE, "
    "ADD COLUMN answered_at TIMESTAMP WITH TIME ZONE, ADD COLUMN answered_by TEXT, ADD COLUMN waits_for_hours BOOLEAN DEFAULT false NOT NULL",
    "ALTER TABLE lead ADD CONSTRAINT ck_lead_answer CHECK (answer IN ('running', 'met', 'missed'))",
    "ALTER TABLE lead ADD CONSTRAINT ck_lead_answered_by CHECK (answered_by IN ('contact', 'mail', 'reply', 'judgement'))",
    "ALTER TABLE lead ADD CONSTRAINT ck_lead_answer_due CHECK ((answer IS NULL) = (answer_due_at IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL))",
    "ALTER TABLE lead ADD CONSTRAINT ck_lead_answer_running CHECK (answer <> 'running' OR answered_at IS NULL)",
    "ALTER TABLE lead ADD CONSTRAINT ck_lead_answer_met CHECK (answer <> 'met' OR answered_at <= answer_due_at)",
    "CREATE INDEX ix_lead_answer_due_at ON lead (answer_due_at) WHERE answer = 'running' AND deleted_at IS NULL",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON lead_clock REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
