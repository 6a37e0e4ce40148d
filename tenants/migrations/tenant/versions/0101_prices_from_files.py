"""Prices of price lists come in from files and go out into them: a line of a list has a version, and is found by what it is said of."""

from alembic import op

revision = "0101"
down_revision = "0100"

KINDS = "('accounts', 'contacts', 'products', 'leads', 'deals', 'price_lines')"
LISTS = "('accounts', 'contacts', 'deals', 'leads', 'quotes', 'activities', 'recipients', 'audit', 'products', 'price_lines')"
PLACE = "((((((price_list_id::text || '/') || COALESCE(product_id::text, category_id::text, '')) || '/') || from_quantity::text) || '/') || COALESCE((starts_on - '2000-01-01'::date)::text, ''))"


def upgrade() -> None:
    op.execute("ALTER TABLE price_list_line ADD COLUMN updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, ADD COLUMN version INTEGER DEFAULT 1 NOT NULL")
    op.execute(f"CREATE INDEX ix_price_list_line_place ON price_list_line ({PLACE})")
    op.execute(f"ALTER TABLE import_run DROP CONSTRAINT ck_import_run_kind, ADD CONSTRAINT ck_import_run_kind CHECK (kind IN {KINDS}) NOT VALID")
    op.execute("ALTER TABLE import_run VALIDATE CONSTRAINT ck_import_run_kind")
    for table in ("export_run", "prepared_export"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind, ADD CONSTRAINT ck_{table}_kind CHECK (kind IN {LISTS}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")
