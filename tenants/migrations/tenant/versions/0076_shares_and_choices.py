"""What was shared with a member of a deal's team before he joined is kept, so that it is again when he leaves. Why somebody was chosen out of a
ranking stands in a table of its own: a fact, which many read, says who was."""

from alembic import op

revision = "0076"
down_revision = "0075"

STATEMENTS = (
    "CREATE TABLE ranking_choice (id UUID DEFAULT uuidv7() NOT NULL, fact_id UUID NOT NULL, user_id UUID, place INTEGER NOT NULL, people INTEGER NOT NULL, "
    "points INTEGER NOT NULL, most INTEGER NOT NULL, reasons JSONB DEFAULT '[]'::jsonb NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "CONSTRAINT pk_ranking_choice PRIMARY KEY (id), CONSTRAINT ck_ranking_choice_place CHECK (place BETWEEN 1 AND people), "
    "CONSTRAINT fk_ranking_choice_fact_id FOREIGN KEY(fact_id) REFERENCES fact (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_ranking_choice_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX uq_ranking_choice_fact_id ON ranking_choice (fact_id)",
    "CREATE INDEX ix_ranking_choice_user_id ON ranking_choice (user_id)",
)
GIVEN = "kind IN ('deal.given', 'lead.given')"
_number = "jsonb_typeof(params -> '{}') = 'number'"
WHOLE = " AND ".join((*(_number.format(name) for name in ("place", "people", "points", "of")), "jsonb_typeof(params -> 'reasons') = 'array'"))
_value = "round((params ->> '{}')::numeric)::integer"
PLACE, PEOPLE, POINTS, MOST = (_value.format(name) for name in ("place", "people", "points", "of"))
KEEP = f"INSERT INTO ranking_choice (fact_id, place, people, points, most, reasons, created_at, created_by) SELECT id, {PLACE}, {PEOPLE}, {POINTS}, {MOST}, params -> 'reasons', at, actor_id FROM fact WHERE {GIVEN} AND {WHOLE}"  # noqa: S608 (constants)


def upgrade() -> None:
    op.execute("ALTER TABLE deal_member ADD COLUMN share_was TEXT, ADD COLUMN share_was_until DATE")
    op.execute("ALTER TABLE deal_member ADD CONSTRAINT ck_deal_member_share_was CHECK (share_was IN ('read', 'write'))")
    for statement in STATEMENTS:
        op.execute(statement)
    op.execute(KEEP)
    # Workspaces change no fact; this one time they lose what was not for whoever reads them.
    op.execute(f"UPDATE fact SET params = params - ARRAY['place', 'people', 'points', 'of', 'reasons'] WHERE {GIVEN}")  # noqa: S608 (constants)
