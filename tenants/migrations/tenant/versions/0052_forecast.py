"""How sure an open deal is in a forecast (its stage's word, or its own), targets, and what managers add to a forecast."""

from alembic import op

revision = "0052"
down_revision = "0051d"

WORDS = "'commit', 'best_case', 'pipeline', 'omitted'"
# Frozen here: what the models say later is another revision's.
WHOSE = (
    "period TEXT NOT NULL, begins_on DATE NOT NULL, user_id UUID, team_id UUID, amount NUMERIC(18, 2) NOT NULL, currency TEXT NOT NULL, "
)
RULES = (
    "CONSTRAINT ck_{table}_period CHECK (period IN ('month', 'quarter', 'year')), "
    "CONSTRAINT ck_{table}_begins_on CHECK (begins_on = date_trunc(period, begins_on::timestamp)::date), "
    "CONSTRAINT ck_{table}_whose CHECK (num_nonnulls(user_id, team_id) <= 1), CONSTRAINT ck_{table}_currency CHECK (currency ~ '^[A-Z]{{3}}$'), "
    "CONSTRAINT fk_{table}_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_{table}_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE"
)
MADE = "id UUID DEFAULT uuidv7() NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
STATEMENTS = (
    "ALTER TABLE deal_stage ADD COLUMN forecast TEXT DEFAULT 'pipeline' NOT NULL",
    # The sure ones are promised, the likely ones hoped for.
    "UPDATE deal_stage SET forecast = CASE WHEN kind = 'lost' THEN 'omitted' WHEN kind = 'won' OR probability >= 80 THEN 'commit' WHEN probability >= 50 THEN 'best_case' ELSE 'pipeline' END",
    "ALTER TABLE deal ADD COLUMN forecast TEXT",
    *(
        statement for table in ("deal_stage", "deal") for statement in (
            f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_forecast CHECK (forecast IN ({WORDS})) NOT VALID", f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_forecast",
        )
    ),
    "CREATE TABLE sales_target (" + MADE + "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, " + WHOSE
    + "CONSTRAINT pk_sales_target PRIMARY KEY (id), CONSTRAINT ck_sales_target_amount CHECK (amount > 0), " + RULES.format(table="sales_target") + ")",
    "CREATE UNIQUE INDEX uq_sales_target ON sales_target (begins_on, period, user_id, team_id) NULLS NOT DISTINCT",
    "CREATE TABLE forecast_adjustment (" + MADE + WHOSE + "reason TEXT NOT NULL, CONSTRAINT pk_forecast_adjustment PRIMARY KEY (id), "
    "CONSTRAINT ck_forecast_adjustment_reason CHECK (char_length(reason) BETWEEN 1 AND 500), " + RULES.format(table="forecast_adjustment") + ")",
    "CREATE INDEX ix_forecast_adjustment_period ON forecast_adjustment (begins_on, period, user_id, team_id, id)",
    *(f"CREATE INDEX ix_{table}_{name} ON {table} ({name})" for table in ("sales_target", "forecast_adjustment") for name in ("user_id", "team_id")),
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# Who hands over accounts and sells leads others: he says what they are to win, and what he expects beyond it.
LEADS = "deals.read,deals.edit,accounts.reassign"
MORE = ("targets.manage", "forecasts.adjust")


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    more = ", ".join(f"'{name}'" for name in MORE)
    op.execute(
        f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
        f"WHERE permissions @> '{{{LEADS}}}'::varchar[] AND visibility <> 'named'"
    )
    for table in ("sales_target", "forecast_adjustment"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
