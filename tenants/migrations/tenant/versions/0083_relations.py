"""What products have to do with each other: what fits with what, what is an accessory, what may take whose place."""

from alembic import op

revision = "0083"
down_revision = "0082"

STATEMENTS = (
    "CREATE TABLE product_relation (id UUID DEFAULT uuidv7() NOT NULL, product_id UUID NOT NULL, other_id UUID NOT NULL, kind TEXT NOT NULL, "
    "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, "
    "version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_product_relation PRIMARY KEY (id), "
    "CONSTRAINT ck_product_relation_kind CHECK (kind IN ('fits', 'accessory', 'replaces')), CONSTRAINT ck_product_relation_other CHECK (product_id <> other_id), "
    "CONSTRAINT fk_product_relation_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE, "
    "CONSTRAINT fk_product_relation_other_id FOREIGN KEY(other_id) REFERENCES product (id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX uq_product_relation ON product_relation (least(product_id, other_id), greatest(product_id, other_id), kind)",
    "CREATE INDEX ix_product_relation_product_id ON product_relation (product_id)",
    "CREATE INDEX ix_product_relation_other_id ON product_relation (other_id)",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON product_relation REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
