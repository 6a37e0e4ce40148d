"""How often customers of which kind are to hear from us."""

from alembic import op

revision = "0071"
down_revision = "0070"

STATEMENTS = (
    "CREATE TABLE contact_plan (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, code TEXT, conditions JSONB DEFAULT '[]'::jsonb NOT NULL, "
    "times_a_year INTEGER NOT NULL, position INTEGER DEFAULT 0 NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_contact_plan PRIMARY KEY (id), "
    "CONSTRAINT ck_contact_plan_name CHECK (char_length(name) BETWEEN 1 AND 100), "
    "CONSTRAINT ck_contact_plan_times_a_year CHECK (times_a_year BETWEEN 0 AND 52))",
    "CREATE UNIQUE INDEX uq_contact_plan_name ON contact_plan (lower(name))",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    # Who arranges pipelines says how often customers are to hear from us.
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['contact_plans.manage']::varchar[]) AS one) "
        "WHERE permissions @> '{pipelines.manage}'::varchar[] AND visibility <> 'named'"
    )
    for table in ("contact_plan",):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
