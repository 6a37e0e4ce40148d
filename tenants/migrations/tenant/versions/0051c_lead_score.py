"""By which rules leads are scored, and what each came to; every workspace begins with five."""

import json

from alembic import op

revision = "0051c"
down_revision = "0051b"

STATEMENTS = (
    "CREATE TABLE lead_rule (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, code TEXT, kind TEXT NOT NULL, conditions JSONB DEFAULT "
    "'[]'::jsonb NOT NULL, points INTEGER NOT NULL, days INTEGER, position INTEGER DEFAULT 0 NOT NULL, created_at TIMESTAMP WITH TIME ZONE "
    "DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, "
    "CONSTRAINT pk_lead_rule PRIMARY KEY (id), CONSTRAINT ck_lead_rule_name CHECK (char_length(name) BETWEEN 1 AND 100), CONSTRAINT "
    "ck_lead_rule_kind CHECK (kind IN ('condition', 'complete', 'free_mail', 'age')), CONSTRAINT ck_lead_rule_points CHECK (points BETWEEN -100 "
    "AND 100), CONSTRAINT ck_lead_rule_days CHECK ((kind = 'age') = (days IS NOT NULL)), CONSTRAINT ck_lead_rule_days_range CHECK (days BETWEEN 1 "
    "AND 365))",
    "CREATE TABLE lead_score (lead_id UUID NOT NULL, score INTEGER NOT NULL, why JSONB DEFAULT '[]'::jsonb NOT NULL, at TIMESTAMP WITH TIME ZONE "
    "NOT NULL, CONSTRAINT pk_lead_score PRIMARY KEY (lead_id), CONSTRAINT fk_lead_score_lead_id FOREIGN KEY(lead_id) REFERENCES lead (id) ON "
    "DELETE CASCADE)",
    "CREATE INDEX ix_lead_score_score ON lead_score (score DESC, lead_id)",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
STARTER = (
    ("complete", "Filled in", "complete", [], 20, None), ("again", "Came again", "condition", [["touches", "gte", "2"]], 15, None),
    ("asked", "Says what he wants", "condition", [["interest", "null", "false"]], 10, None), ("free_mail", "Writes from a free mail address", "free_mail", [], -10, None), ("age", "Grows old", "age", [], -2, 7),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['leads.manage']::varchar[]) AS one) "
        "WHERE permissions @> '{mailings.edit,tags.manage}'::varchar[] AND visibility <> 'named'"
    )
    # A schema that nobody has moved into yet gets its rules at the sign-up.
    for place, (code, name, kind, conditions, points, days) in enumerate(STARTER):
        op.execute(
            "INSERT INTO lead_rule (name, code, kind, conditions, points, days, position) "  # noqa: S608 (constants)
            f"SELECT '{name}', '{code}', '{kind}', '{json.dumps(conditions)}'::jsonb, {points}, {days or 'NULL'}, {place} WHERE EXISTS (SELECT FROM role)"
        )
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON lead_rule REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
