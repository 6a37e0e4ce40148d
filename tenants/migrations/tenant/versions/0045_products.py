"""Products, what they are described by, currencies and their rates; who may see and arrange them."""

from alembic import op

revision = "0045"
down_revision = "0046c"

# Frozen here: what the models say later is another revision's.
STATEMENTS = (
    'CREATE TABLE currency (id UUID DEFAULT uuidv7() NOT NULL, code TEXT NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, '
    "CONSTRAINT pk_currency PRIMARY KEY (id), CONSTRAINT ck_currency_code CHECK (code ~ '^[A-Z]{3}$'), CONSTRAINT uq_currency_code UNIQUE (code))",
    'CREATE TABLE exchange_rate (id UUID DEFAULT uuidv7() NOT NULL, base TEXT NOT NULL, currency TEXT NOT NULL, day DATE NOT NULL, rate NUMERIC(20, 10) NOT NULL, source TEXT, '
    'created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_exchange_rate PRIMARY KEY (id), '
    "CONSTRAINT ck_exchange_rate_base CHECK (base ~ '^[A-Z]{3}$'), CONSTRAINT ck_exchange_rate_currency CHECK (currency ~ '^[A-Z]{3}$'), "
    'CONSTRAINT ck_exchange_rate_other CHECK (base <> currency), CONSTRAINT ck_exchange_rate_rate CHECK (rate > 0), '
    'CONSTRAINT uq_exchange_rate_base_currency_day UNIQUE (base, currency, day))',
    'CREATE TABLE product_category (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, parent_id UUID, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, '
    'created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_product_category PRIMARY KEY (id), '
    'CONSTRAINT ck_product_category_parent CHECK (parent_id <> id), CONSTRAINT ck_product_category_name CHECK (char_length(name) BETWEEN 1 AND 100), '
    'CONSTRAINT fk_product_category_parent_id FOREIGN KEY(parent_id) REFERENCES product_category (id))',
    'CREATE UNIQUE INDEX uq_product_category_name ON product_category (parent_id, lower(name)) NULLS NOT DISTINCT',
    'CREATE TABLE product_unit (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, places SMALLINT DEFAULT 0 NOT NULL, retired BOOLEAN DEFAULT false NOT NULL, '
    'created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, '
    'version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_product_unit PRIMARY KEY (id), CONSTRAINT ck_product_unit_places CHECK (places BETWEEN 0 AND 3), '
    'CONSTRAINT ck_product_unit_name CHECK (char_length(name) BETWEEN 1 AND 40))',
    'CREATE UNIQUE INDEX uq_product_unit_name ON product_unit (lower(name))',
    "CREATE TABLE tax_code (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, category TEXT DEFAULT 'S' NOT NULL, included BOOLEAN DEFAULT false NOT NULL, "
    'retired BOOLEAN DEFAULT false NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, '
    'updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_tax_code PRIMARY KEY (id), '
    "CONSTRAINT ck_tax_code_category CHECK (category IN ('S', 'Z', 'E', 'AE')), CONSTRAINT ck_tax_code_name CHECK (char_length(name) BETWEEN 1 AND 60))",
    'CREATE UNIQUE INDEX uq_tax_code_name ON tax_code (lower(name))',
    'CREATE TABLE tax_rate (id UUID DEFAULT uuidv7() NOT NULL, tax_code_id UUID NOT NULL, percent NUMERIC(7, 4) NOT NULL, starts_on DATE NOT NULL, '
    'created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_tax_rate PRIMARY KEY (id), '
    'CONSTRAINT ck_tax_rate_percent CHECK (percent >= 0 AND percent <= 100), CONSTRAINT uq_tax_rate_tax_code_id_starts_on UNIQUE (tax_code_id, starts_on), '
    'CONSTRAINT fk_tax_rate_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id) ON DELETE CASCADE)',
    'CREATE TABLE product (id UUID DEFAULT uuidv7() NOT NULL, code TEXT NOT NULL, code_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(code))) STORED NOT NULL, '
    'name TEXT NOT NULL, name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) STORED NOT NULL, description TEXT, category_id UUID, unit_id UUID, '
    "tax_code_id UUID, currency TEXT NOT NULL, price NUMERIC(18, 4), cost NUMERIC(18, 4), state TEXT DEFAULT 'active' NOT NULL, successor_id UUID, image_id UUID, "
    "custom JSONB DEFAULT '{}'::jsonb NOT NULL, custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, "
    '\'$.* ? (@.type() == "string")\')::text)), \'[]\')) STORED, deleted_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, '
    'updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_product PRIMARY KEY (id), '
    "CONSTRAINT ck_product_state CHECK (state IN ('active', 'retired')), CONSTRAINT ck_product_price CHECK (price >= 0), CONSTRAINT ck_product_cost CHECK (cost >= 0), "
    "CONSTRAINT ck_product_currency CHECK (currency ~ '^[A-Z]{3}$'), CONSTRAINT ck_product_successor CHECK (successor_id <> id), "
    'CONSTRAINT ck_product_code CHECK (char_length(code) BETWEEN 1 AND 60), CONSTRAINT fk_product_category_id FOREIGN KEY(category_id) REFERENCES product_category (id), '
    'CONSTRAINT fk_product_unit_id FOREIGN KEY(unit_id) REFERENCES product_unit (id), CONSTRAINT fk_product_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id), '
    'CONSTRAINT fk_product_successor_id FOREIGN KEY(successor_id) REFERENCES product (id), '
    'CONSTRAINT fk_product_image_id FOREIGN KEY(image_id) REFERENCES attachment (id) ON DELETE SET NULL)',
    'CREATE INDEX ix_product_category_id ON product (category_id, name_fold, id) WHERE deleted_at IS NULL',
    'CREATE INDEX ix_product_changed ON product (updated_at DESC, id DESC) WHERE deleted_at IS NULL',
    'CREATE INDEX ix_product_custom ON product USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL',
    'CREATE INDEX ix_product_custom_find ON product USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL',
    "CREATE INDEX ix_product_east_asian ON product USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-\ufaff]', '', 'g'), NULL))) WHERE deleted_at IS NULL",
    'CREATE INDEX ix_product_find ON product USING gin (name_fold ext.gin_trgm_ops, code_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL',
    'CREATE INDEX ix_product_image_id ON product (image_id) WHERE image_id IS NOT NULL',
    'CREATE INDEX ix_product_list ON product (name_fold, id) WHERE deleted_at IS NULL',
    'CREATE INDEX ix_product_successor_id ON product (successor_id) WHERE successor_id IS NOT NULL',
    'CREATE INDEX ix_product_tax_code_id ON product (tax_code_id) WHERE tax_code_id IS NOT NULL',
    'CREATE INDEX ix_product_unit_id ON product (unit_id) WHERE unit_id IS NOT NULL',
    'CREATE UNIQUE INDEX uq_product_code ON product (code_fold)',
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
TABLES = ("currency", "exchange_rate", "product_category", "product_unit", "tax_code", "tax_rate", "product")
LISTS = ("accounts", "contacts", "activities", "recipients", "audit", "products")
ALL = ("products.read", "products.create", "products.edit", "products.delete", "products.export", "product_costs.read", "product_costs.write", "catalogue.manage")
GIVEN = (
    (("products.read",), "'accounts.read' = ANY(permissions) AND visibility <> 'named'"),
    (ALL, "code IN ('director', 'purchasing', 'finance')"),
    (("products.export", "product_costs.read"), "code = 'manager' AND 'products.read' = ANY(permissions)"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in TABLES:
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
    for table in ("export_run", "prepared_export"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind, ADD CONSTRAINT ck_{table}_kind CHECK (kind IN {LISTS}) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")
    for permissions, who in GIVEN:
        more = ", ".join(f"'{one}'" for one in permissions)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (our own names)
            f"WHERE {who} AND NOT '*' = ANY(permissions)"
        )
