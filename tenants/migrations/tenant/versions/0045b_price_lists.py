"""Price lists with their lines, and discounts by loyalty tier."""

from alembic import op

revision = "0045b"
down_revision = "0045"

# Frozen here: what the models say later is another revision's.
STATEMENTS = (
    'CREATE TABLE tier_discount (id UUID DEFAULT uuidv7() NOT NULL, tier TEXT NOT NULL, percent NUMERIC(7, 4) NOT NULL, '
    'created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, '
    'version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_tier_discount PRIMARY KEY (id), CONSTRAINT ck_tier_discount_percent CHECK (percent >= 0 AND percent <= 100), '
    'CONSTRAINT ck_tier_discount_tier CHECK (char_length(tier) BETWEEN 1 AND 40))',
    'CREATE UNIQUE INDEX uq_tier_discount_tier ON tier_discount (lower(tier))',
    "CREATE TABLE price_list (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, currency TEXT NOT NULL, whom TEXT DEFAULT 'everybody' NOT NULL, account_id UUID, "
    'group_name TEXT, priority INTEGER DEFAULT 0 NOT NULL, net BOOLEAN DEFAULT false NOT NULL, rounding_step NUMERIC(18, 4), rounding_less NUMERIC(18, 4) DEFAULT 0 NOT NULL, '
    'starts_on DATE, ends_on DATE, based_on_id UUID, based_way TEXT, based_percent NUMERIC(9, 4), created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, '
    'updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_price_list PRIMARY KEY (id), '
    "CONSTRAINT ck_price_list_whom CHECK (whom IN ('everybody', 'group', 'customer')), CONSTRAINT ck_price_list_currency CHECK (currency ~ '^[A-Z]{3}$'), "
    "CONSTRAINT ck_price_list_name CHECK (char_length(name) BETWEEN 1 AND 100), CONSTRAINT ck_price_list_account CHECK ((whom = 'customer') = (account_id IS NOT NULL)), "
    "CONSTRAINT ck_price_list_group CHECK ((whom = 'group') = (group_name IS NOT NULL)), CONSTRAINT ck_price_list_days CHECK (ends_on >= starts_on), "
    'CONSTRAINT ck_price_list_rounding CHECK (rounding_step > 0 AND rounding_less >= 0 AND rounding_less < rounding_step), '
    "CONSTRAINT ck_price_list_based_on CHECK (based_on_id <> id), CONSTRAINT ck_price_list_based_way CHECK (based_way IN ('discount', 'markup')), "
    'CONSTRAINT ck_price_list_based_percent CHECK (based_percent >= 0 AND based_percent <= 1000), '
    'CONSTRAINT ck_price_list_based CHECK ((based_on_id IS NULL) = (based_way IS NULL) AND (based_on_id IS NULL) = (based_percent IS NULL)), '
    'CONSTRAINT fk_price_list_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE, '
    'CONSTRAINT fk_price_list_based_on_id FOREIGN KEY(based_on_id) REFERENCES price_list (id))',
    'CREATE INDEX ix_price_list_account_id ON price_list (account_id) WHERE account_id IS NOT NULL',
    'CREATE INDEX ix_price_list_based_on_id ON price_list (based_on_id) WHERE based_on_id IS NOT NULL',
    'CREATE UNIQUE INDEX uq_price_list_name ON price_list (lower(name))',
    "CREATE TABLE price_list_line (id UUID DEFAULT uuidv7() NOT NULL, price_list_id UUID NOT NULL, what TEXT DEFAULT 'product' NOT NULL, product_id UUID, category_id UUID, "
    "way TEXT DEFAULT 'price' NOT NULL, value NUMERIC(18, 4) NOT NULL, from_quantity NUMERIC(18, 3) DEFAULT 0 NOT NULL, starts_on DATE, ends_on DATE, "
    'created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_price_list_line PRIMARY KEY (id), '
    "CONSTRAINT ck_price_list_line_what CHECK (what IN ('all', 'category', 'product')), CONSTRAINT ck_price_list_line_way CHECK (way IN ('price', 'discount', 'markup', "
    "'margin')), CONSTRAINT ck_price_list_line_value CHECK (value >= 0), CONSTRAINT ck_price_list_line_discount CHECK (way <> 'discount' OR value <= 100), "
    "CONSTRAINT ck_price_list_line_margin CHECK (way <> 'margin' OR value < 100), CONSTRAINT ck_price_list_line_from_quantity CHECK (from_quantity >= 0), "
    "CONSTRAINT ck_price_list_line_days CHECK (ends_on >= starts_on), CONSTRAINT ck_price_list_line_product CHECK ((what = 'product') = (product_id IS NOT NULL)), "
    "CONSTRAINT ck_price_list_line_category CHECK ((what = 'category') = (category_id IS NOT NULL)), "
    'CONSTRAINT fk_price_list_line_price_list_id FOREIGN KEY(price_list_id) REFERENCES price_list (id) ON DELETE CASCADE, '
    'CONSTRAINT fk_price_list_line_product_id FOREIGN KEY(product_id) REFERENCES product (id) ON DELETE CASCADE, '
    'CONSTRAINT fk_price_list_line_category_id FOREIGN KEY(category_id) REFERENCES product_category (id) ON DELETE CASCADE)',
    'CREATE INDEX ix_price_list_line_category_id ON price_list_line (category_id) WHERE category_id IS NOT NULL',
    'CREATE INDEX ix_price_list_line_product_id ON price_list_line (product_id) WHERE product_id IS NOT NULL',
    'CREATE UNIQUE INDEX uq_price_list_line ON price_list_line (price_list_id, product_id, category_id, from_quantity, starts_on) NULLS NOT DISTINCT',
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("price_list", "price_list_line", "tier_discount"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
