"""Kept days of the forecast say who had what of a deal, and the shares of a deal's team come to no more than a hundred percent: where they came to
more, each is less by the same proportion, and the largest has what rounding leaves."""

from alembic import op

revision = "0089"
down_revision = "0086"

WITHIN_A_HUNDRED = """
    WITH given AS (SELECT id, deal_id, credit, sum(credit) OVER (PARTITION BY deal_id) AS whole, row_number() OVER (PARTITION BY deal_id ORDER BY credit DESC, id) AS place FROM deal_member),
      cut AS (SELECT id, place, trunc(credit * 100 / whole, 2) AS share, sum(trunc(credit * 100 / whole, 2)) OVER (PARTITION BY deal_id) AS shares FROM given WHERE whole > 100)
    UPDATE deal_member SET credit = cut.share + CASE WHEN cut.place = 1 THEN 100 - cut.shares ELSE 0 END, version = version + 1, updated_at = now() FROM cut WHERE cut.id = deal_member.id"""
STATEMENTS = (
    WITHIN_A_HUNDRED,
    "ALTER TABLE forecast_line ADD COLUMN people UUID[], ADD COLUMN parts NUMERIC(18, 2)[]",
    "CREATE TRIGGER shares AFTER INSERT OR UPDATE OF credit, deal_id ON deal_member FOR EACH ROW WHEN (NEW.credit > 0) EXECUTE FUNCTION ext.check_shares()",
    "ALTER TABLE forecast_line ADD CONSTRAINT ck_forecast_line_parts CHECK (num_nulls(people, parts) <> 1 AND cardinality(people) = cardinality(parts))",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
