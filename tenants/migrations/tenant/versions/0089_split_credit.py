"""Kept days of the forecast say who had what of a deal, and the shares of a deal's team come to no more than a hundred percent."""

from alembic import op

revision = "0089"
down_revision = "0086"

STATEMENTS = (
    "ALTER TABLE forecast_line ADD COLUMN people UUID[], ADD COLUMN parts NUMERIC(18, 2)[]",
    "CREATE TRIGGER shares AFTER INSERT OR UPDATE OF credit, deal_id ON deal_member FOR EACH ROW WHEN (NEW.credit > 0) EXECUTE FUNCTION ext.check_shares()",
    "ALTER TABLE forecast_line ADD CONSTRAINT ck_forecast_line_parts CHECK (num_nulls(people, parts) <> 1 AND cardinality(people) = cardinality(parts))",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
