"""Whoever reads reports of others may open the room of reports: a role of one's own that got the one without the other gets it now."""

from alembic import op

revision = "0086"
down_revision = "0085"


def upgrade() -> None:
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(one ORDER BY one) FROM unnest(permissions || ARRAY['reports.read']::varchar[]) AS one) "
        "WHERE permissions @> '{reports.read_others}'::varchar[] AND NOT permissions @> '{reports.read}'::varchar[] AND visibility <> 'named'"
    )
