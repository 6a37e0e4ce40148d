"""What a request needs keeps its currencies in the order in which they are looked up: pairs, the currency of the document first.

A yes is to all that the customer reads; the checksums until now were of less. What waits is kept as void and asked for again, and no draft has its yes."""

from alembic import op

revision = "0074"
down_revision = "0073"

# What a need says of its amount ends with the document's currency.
PAIRS = (
    "SELECT coalesce(jsonb_agg(jsonb_build_array(key, value) ORDER BY key <> right(one #>> '{params,amount}', 3), key), '[]'::jsonb) "
    "FROM jsonb_each(CASE WHEN jsonb_typeof(one -> 'values') = 'object' THEN one -> 'values' ELSE '{}'::jsonb END)"
)
NEEDS = (
    f"SELECT coalesce(jsonb_agg(CASE WHEN jsonb_typeof(one -> 'values') = 'object' THEN jsonb_set(one, '{{values}}', ({PAIRS})) ELSE one END ORDER BY place), '[]'::jsonb) "  # noqa: S608 (words of this file)
    "FROM jsonb_array_elements(needs) WITH ORDINALITY AS kept(one, place)"
)


def upgrade() -> None:
    op.execute(f"UPDATE approval SET needs = ({NEEDS}) WHERE jsonb_typeof(needs) = 'array' AND needs <> '[]'::jsonb")  # noqa: S608 (words of this file)
    op.execute("UPDATE approval SET state = 'void', escalate_at = NULL WHERE state = 'waiting'")
    op.execute("UPDATE quote_version SET approved_at = NULL, approved_by = NULL WHERE state = 'draft' AND approved_at IS NOT NULL")
