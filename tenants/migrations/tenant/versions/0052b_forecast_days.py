"""How the forecast stood day by day: a line for each deal and each change, kept once a day."""

from alembic import op

revision = "0052b"
down_revision = "0052"

STATEMENTS = (
    "CREATE TABLE forecast_day (id UUID DEFAULT uuidv7() NOT NULL, day DATE NOT NULL, taken_at TIMESTAMP WITH TIME ZONE NOT NULL, currency TEXT NOT NULL, "
    "rates JSONB DEFAULT '{}'::jsonb NOT NULL, CONSTRAINT pk_forecast_day PRIMARY KEY (id))",
    "CREATE UNIQUE INDEX uq_forecast_day ON forecast_day (day)",
    "CREATE TABLE forecast_line (id UUID DEFAULT uuidv7() NOT NULL, deal_id UUID NOT NULL, from_day DATE NOT NULL, until_day DATE, owner_id UUID, pipeline_id UUID NOT NULL, "
    "counted TEXT NOT NULL, day DATE, amount NUMERIC(18, 2), currency TEXT NOT NULL, probability INTEGER NOT NULL, CONSTRAINT pk_forecast_line PRIMARY KEY (id), "
    "CONSTRAINT ck_forecast_line_counted CHECK (counted IN ('won', 'commit', 'best_case', 'pipeline', 'omitted')), CONSTRAINT ck_forecast_line_until_day CHECK (until_day > from_day), "
    "CONSTRAINT ck_forecast_line_probability CHECK (probability BETWEEN 0 AND 100), CONSTRAINT ck_forecast_line_currency CHECK (currency ~ '^[A-Z]{3}$'), "
    "CONSTRAINT fk_forecast_line_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE)",
    "CREATE INDEX ix_forecast_line_day ON forecast_line (day, from_day)",
    "CREATE INDEX ix_forecast_line_deal_id ON forecast_line (deal_id)",
    "CREATE UNIQUE INDEX uq_forecast_line_open ON forecast_line (deal_id) WHERE until_day IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
