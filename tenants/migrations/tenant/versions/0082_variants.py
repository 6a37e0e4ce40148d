"""Variants: products of a product, one for each combination of values of what they differ in; the database keeps combinations whole and apart."""

from alembic import op

revision = "0082"
down_revision = "0081"

TIMED = "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL"
STATEMENTS = (
    "ALTER TABLE product ADD COLUMN template_id UUID, ADD COLUMN combination UUID[], "
    "ADD CONSTRAINT ck_product_variant CHECK ((template_id IS NULL) = (combination IS NULL)), "
    "ADD CONSTRAINT fk_product_template_id FOREIGN KEY(template_id) REFERENCES product (id)",
    "CREATE UNIQUE INDEX uq_product_combination ON product (template_id, combination) WHERE template_id IS NOT NULL",
    f"CREATE TABLE product_attribute (id UUID DEFAULT uuidv7() NOT NULL, product_id UUID NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, {TIMED}, "
    "CONSTRAINT pk_product_attribute PRIMARY KEY (id), CONSTRAINT ck_product_attribute_name CHECK (char_length(name) BETWEEN 1 AND 60), "
    "CONSTRAINT fk_product_attribute_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX uq_product_attribute_name ON product_attribute (product_id, lower(name))",
    f"CREATE TABLE product_attribute_value (id UUID DEFAULT uuidv7() NOT NULL, attribute_id UUID NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, {TIMED}, "
    "CONSTRAINT pk_product_attribute_value PRIMARY KEY (id), CONSTRAINT ck_product_attribute_value_name CHECK (char_length(name) BETWEEN 1 AND 60), "
    "CONSTRAINT fk_product_attribute_value_attribute_id FOREIGN KEY(attribute_id) REFERENCES product_attribute (id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX uq_product_attribute_value_name ON product_attribute_value (attribute_id, lower(name))",
    "CREATE TRIGGER variant BEFORE INSERT OR UPDATE OF template_id, combination ON product FOR EACH ROW WHEN (NEW.template_id IS NOT NULL) EXECUTE FUNCTION ext.check_variant()",
    "CREATE TRIGGER kept BEFORE INSERT OR DELETE OR UPDATE OF product_id ON product_attribute FOR EACH ROW EXECUTE FUNCTION ext.keep_attribute()",
    "CREATE TRIGGER kept BEFORE DELETE OR UPDATE OF attribute_id ON product_attribute_value FOR EACH ROW EXECUTE FUNCTION ext.keep_attribute()",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("product_attribute", "product_attribute_value"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
