"""Quotes with their versions and lines, numbered without gaps; what was sent is kept as it was sent."""

from alembic import op

revision = "0050"
down_revision = "0049"

STATEMENTS = (
    "CREATE TABLE number_series ( id UUID DEFAULT uuidv7() NOT NULL, series TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL, CONSTRAINT "
    "pk_number_series PRIMARY KEY (id), CONSTRAINT ck_number_series_last CHECK (last > 0) )",
    "CREATE UNIQUE INDEX uq_number_series_series ON number_series (series, year)",
    "CREATE TABLE quote ( id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, name_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(name))) "
    "STORED NOT NULL, number TEXT, number_fold TEXT GENERATED ALWAYS AS (lower(ext.immutable_unaccent(number))) STORED, state TEXT DEFAULT 'draft' NOT "
    "NULL, account_id UUID, contact_id UUID, deal_id UUID, owner_id UUID, currency TEXT NOT NULL, net NUMERIC(18, 4) DEFAULT 0 NOT NULL, total NUMERIC(18, "
    "4) DEFAULT 0 NOT NULL, valid_until DATE, sent_at TIMESTAMP WITH TIME ZONE, closed_at TIMESTAMP WITH TIME ZONE, notes TEXT, custom JSONB DEFAULT "
    "'{}'::jsonb NOT NULL, custom_find TEXT GENERATED ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == "
    "\"string\")')::text)), '[]')) STORED, deleted_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_quote PRIMARY KEY (id), CONSTRAINT "
    "ck_quote_state CHECK (state IN ('draft', 'sent', 'accepted', 'declined', 'expired', 'withdrawn')), CONSTRAINT ck_quote_currency CHECK (currency ~ "
    "'^[A-Z]{3}$'), CONSTRAINT ck_quote_number CHECK ((state = 'draft') = (number IS NULL)), CONSTRAINT ck_quote_deleted_at CHECK (deleted_at IS NULL OR "
    "number IS NULL), CONSTRAINT fk_quote_account_id FOREIGN KEY(account_id) REFERENCES account (id), CONSTRAINT fk_quote_contact_id FOREIGN "
    "KEY(contact_id) REFERENCES contact (id), CONSTRAINT fk_quote_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE SET NULL, CONSTRAINT "
    "fk_quote_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id) )",
    "CREATE INDEX ix_quote_account_id ON quote (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX ix_quote_changed ON quote (updated_at DESC, id DESC) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_quote_contact_id ON quote (contact_id) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_quote_custom ON quote USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_quote_custom_find ON quote USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL",
    "CREATE INDEX ix_quote_deal_id ON quote (deal_id) WHERE deal_id IS NOT NULL",
    "CREATE INDEX ix_quote_deleted_at ON quote (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX ix_quote_east_asian ON quote USING gin ((string_to_array(regexp_replace(name_fold, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE deleted_at IS "
    "NULL",
    "CREATE INDEX ix_quote_find ON quote USING gin (name_fold ext.gin_trgm_ops, number_fold ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE "
    "deleted_at IS NULL",
    "CREATE INDEX ix_quote_list ON quote (name_fold, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_quote_own ON quote (owner_id, name_fold, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_quote_state ON quote (state, valid_until, id) WHERE deleted_at IS NULL",
    "CREATE UNIQUE INDEX uq_quote_number ON quote (number) WHERE number IS NOT NULL",
    "CREATE TABLE quote_version ( id UUID DEFAULT uuidv7() NOT NULL, quote_id UUID NOT NULL, number INTEGER NOT NULL, state TEXT DEFAULT 'draft' NOT NULL, "
    "language TEXT NOT NULL, currency TEXT NOT NULL, rate NUMERIC(20, 10) DEFAULT 1 NOT NULL, rate_on DATE, gross BOOLEAN DEFAULT false NOT NULL, relief "
    "TEXT, valid_until DATE, intro TEXT, closing TEXT, terms TEXT, net NUMERIC(18, 4) DEFAULT 0 NOT NULL, total NUMERIC(18, 4) DEFAULT 0 NOT NULL, taxes "
    "JSONB DEFAULT '[]'::jsonb NOT NULL, customer JSONB DEFAULT '{}'::jsonb NOT NULL, answers_for JSONB DEFAULT '{}'::jsonb NOT NULL, token TEXT, proof "
    "TEXT, sent_at TIMESTAMP WITH TIME ZONE, sent_by UUID, chosen JSONB DEFAULT '[]'::jsonb NOT NULL, accepted_total NUMERIC(18, 4), decided_at TIMESTAMP "
    "WITH TIME ZONE, decided_name TEXT, decided_from TEXT, decided_note TEXT, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, "
    "updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_quote_version PRIMARY KEY (id), "
    "CONSTRAINT ck_quote_version_state CHECK (state IN ('draft', 'sent', 'accepted', 'declined', 'expired', 'withdrawn', 'superseded')), CONSTRAINT "
    "ck_quote_version_currency CHECK (currency ~ '^[A-Z]{3}$'), CONSTRAINT ck_quote_version_rate CHECK (rate > 0), CONSTRAINT ck_quote_version_relief CHECK"
    " (relief IN ('E', 'AE')), CONSTRAINT ck_quote_version_number CHECK (number > 0), CONSTRAINT ck_quote_version_token CHECK ((state = 'draft') = (token "
    "IS NULL) AND (token IS NULL) = (proof IS NULL)), CONSTRAINT ck_quote_version_sent CHECK (state = 'draft' OR (valid_until IS NOT NULL AND sent_at IS "
    "NOT NULL)), CONSTRAINT ck_quote_version_decided CHECK (state NOT IN ('accepted', 'declined') OR decided_at IS NOT NULL), CONSTRAINT "
    "uq_quote_version_quote_id_number UNIQUE (quote_id, number), CONSTRAINT fk_quote_version_quote_id FOREIGN KEY(quote_id) REFERENCES quote (id) ON DELETE"
    " CASCADE )",
    "CREATE INDEX ix_quote_version_valid_until ON quote_version (valid_until) WHERE state = 'sent'",
    "CREATE UNIQUE INDEX uq_quote_version_current ON quote_version (quote_id) WHERE state IN ('sent', 'accepted')",
    "CREATE UNIQUE INDEX uq_quote_version_draft ON quote_version (quote_id) WHERE state = 'draft'",
    "CREATE UNIQUE INDEX uq_quote_version_proof ON quote_version (proof) WHERE proof IS NOT NULL",
    "CREATE UNIQUE INDEX uq_quote_version_token ON quote_version (token) WHERE token IS NOT NULL",
    "CREATE TRIGGER fixed BEFORE UPDATE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft' AND (NEW.state = 'draft' OR (OLD.quote_id, OLD.number, "
    "OLD.language, OLD.currency, OLD.rate, OLD.rate_on, OLD.gross, OLD.relief, OLD.valid_until, OLD.intro, OLD.closing, OLD.terms, OLD.net, OLD.total, "
    "OLD.taxes, OLD.customer, OLD.answers_for, OLD.token, OLD.proof, OLD.sent_at, OLD.sent_by) IS DISTINCT FROM (NEW.quote_id, NEW.number, NEW.language, "
    "NEW.currency, NEW.rate, NEW.rate_on, NEW.gross, NEW.relief, NEW.valid_until, NEW.intro, NEW.closing, NEW.terms, NEW.net, NEW.total, NEW.taxes, "
    "NEW.customer, NEW.answers_for, NEW.token, NEW.proof, NEW.sent_at, NEW.sent_by))) EXECUTE FUNCTION ext.refuse_fixed()",
    "CREATE TRIGGER fixed_kept BEFORE DELETE ON quote_version FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION ext.refuse_fixed()",
    "CREATE TABLE quote_line ( id UUID DEFAULT uuidv7() NOT NULL, version_id UUID NOT NULL, position INTEGER NOT NULL, kind TEXT DEFAULT 'item' NOT NULL, "
    "choice TEXT DEFAULT '' NOT NULL, product_id UUID, sku TEXT, name TEXT NOT NULL, description TEXT, quantity NUMERIC(18, 3), unit TEXT, unit_price "
    "NUMERIC(18, 4), list_price NUMERIC(18, 4), is_own BOOLEAN DEFAULT false NOT NULL, reasons JSONB DEFAULT '[]'::jsonb NOT NULL, discount NUMERIC(7, 4) "
    "DEFAULT 0 NOT NULL, tax_code_id UUID, tax_name TEXT, tax_percent NUMERIC(7, 4) DEFAULT 0 NOT NULL, tax_category TEXT, amount NUMERIC(18, 4), cost "
    "NUMERIC(18, 4), CONSTRAINT pk_quote_line PRIMARY KEY (id), CONSTRAINT ck_quote_line_kind CHECK (kind IN ('item', 'section', 'text')), CONSTRAINT "
    "ck_quote_line_choice CHECK (choice IN ('', 'optional', 'alternative')), CONSTRAINT ck_quote_line_discount CHECK (discount BETWEEN 0 AND 100), "
    "CONSTRAINT ck_quote_line_quantity CHECK (quantity > 0), CONSTRAINT ck_quote_line_unit_price CHECK (unit_price >= 0), CONSTRAINT ck_quote_line_item "
    "CHECK ((kind = 'item') = (quantity IS NOT NULL AND unit_price IS NOT NULL AND amount IS NOT NULL)), CONSTRAINT fk_quote_line_version_id FOREIGN "
    "KEY(version_id) REFERENCES quote_version (id) ON DELETE CASCADE, CONSTRAINT fk_quote_line_product_id FOREIGN KEY(product_id) REFERENCES product (id) "
    "ON DELETE SET NULL, CONSTRAINT fk_quote_line_tax_code_id FOREIGN KEY(tax_code_id) REFERENCES tax_code (id) ON DELETE SET NULL )",
    "CREATE INDEX ix_quote_line_product_id ON quote_line (product_id) WHERE product_id IS NOT NULL",
    "CREATE INDEX ix_quote_line_version_id ON quote_line (version_id, position)",
    "CREATE TRIGGER fixed BEFORE INSERT OR UPDATE OR DELETE ON quote_line FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed_line()",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
SECRET = {"quote_version": "'token', 'proof'"}
# What a role holds -> what it may from now on, as new workspaces have it. Whoever sees only what names him gets none.
GRANTS = (
    ("deals.read", ("quotes.read",)), ("deals.create,deals.edit,deals.delete,deals.export", ("quotes.create", "quotes.edit", "quotes.send", "quotes.delete", "quotes.export")),
    ("deals.read,deals.export,billing.manage", ("quotes.export",)),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("export_run", "prepared_export"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind, ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'quotes', 'activities', 'recipients', 'audit', 'products')) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")
    for held, names in GRANTS:
        more = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
    for table in ("quote", "quote_version", "quote_line"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture({SECRET.get(table, '')})")
