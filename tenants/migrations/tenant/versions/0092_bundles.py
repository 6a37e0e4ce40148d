"""Products may be bundles of other products; lines of deals and quotes say what a bundle consists of."""

from alembic import op

revision = "0092"
down_revision = "0091"

STATEMENTS = (
    "ALTER TABLE product ADD COLUMN bundle_price TEXT, ADD COLUMN is_bundle BOOLEAN GENERATED ALWAYS AS (bundle_price IS NOT NULL) STORED NOT NULL",
    "ALTER TABLE product ADD CONSTRAINT ck_product_bundle CHECK (bundle_price IS NULL OR (bundle_price IN ('own', 'sum') AND template_id IS NULL)), ADD CONSTRAINT uq_product_id_is_bundle UNIQUE (id, is_bundle)",
    "CREATE TABLE product_part (id UUID DEFAULT uuidv7() NOT NULL, bundle_id UUID NOT NULL, of_bundle BOOLEAN DEFAULT true NOT NULL, part_id UUID NOT NULL, "
    "part_is_bundle BOOLEAN DEFAULT false NOT NULL, position INTEGER NOT NULL, quantity NUMERIC(18, 3) NOT NULL, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, "
    "version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_product_part PRIMARY KEY (id), "
    "CONSTRAINT ck_product_part_quantity CHECK (quantity > 0), CONSTRAINT ck_product_part_deep CHECK (of_bundle AND NOT part_is_bundle), "
    "CONSTRAINT fk_product_part_bundle_id FOREIGN KEY(bundle_id, of_bundle) REFERENCES product (id, is_bundle) ON DELETE CASCADE, "
    "CONSTRAINT fk_product_part_part_id FOREIGN KEY(part_id, part_is_bundle) REFERENCES product (id, is_bundle) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX uq_product_part ON product_part (bundle_id, part_id)",
    "CREATE INDEX ix_product_part_part_id ON product_part (part_id)",
    "ALTER TABLE deal_line ADD COLUMN parts JSONB DEFAULT '[]'::jsonb NOT NULL",
    "ALTER TABLE quote_line ADD COLUMN parts JSONB DEFAULT '[]'::jsonb NOT NULL",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON product_part REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
