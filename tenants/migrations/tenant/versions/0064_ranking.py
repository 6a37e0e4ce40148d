"""Who hands accounts over may rank people for a deal or a lead, and give it to one of them."""

from alembic import op

revision = "0064"
down_revision = "0062"

LEADS = "deals.read,deals.edit,accounts.reassign"
MORE = ("deals.assign",)


def upgrade() -> None:
    more = ", ".join(f"'{name}'" for name in MORE)
    op.execute(
        f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
        f"WHERE permissions @> '{{{LEADS}}}'::varchar[] AND visibility <> 'named'"
    )
