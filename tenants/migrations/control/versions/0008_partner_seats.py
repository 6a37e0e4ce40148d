"""Partner seats have a price and a quantity of their own beside full seats."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE control.price ADD COLUMN item TEXT DEFAULT 'seat' NOT NULL, ADD CONSTRAINT ck_price_item CHECK (item IN ('seat', 'partner_seat'))")
    op.execute("DROP INDEX control.uq_price_offer")
    op.execute("CREATE UNIQUE INDEX uq_price_offer ON control.price (plan_version_id, currency, interval, item) WHERE active")
    for table, column in (("subscription", "partner_seats_billed"), ("subscription_change", "partner_seats")):
        op.execute(f"ALTER TABLE control.{table} ADD COLUMN {column} INTEGER DEFAULT 0 NOT NULL, ADD CONSTRAINT ck_{table}_{column} CHECK ({column} >= 0)")
