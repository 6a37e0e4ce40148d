"""Terms that somebody agreed with a customer, in his name, with the facts that were shown to him; and who may read and agree them."""

from alembic import op

revision = "0062"
down_revision = "0060"

STATEMENTS = (
    """
    CREATE TABLE agreed_terms (
        id UUID DEFAULT uuidv7() NOT NULL,
        account_id UUID,
        agreed_by UUID NOT NULL,
        payment_days INTEGER,
        discount NUMERIC(7, 4),
        product_id UUID,
        price NUMERIC(18, 4),
        currency TEXT,
        words TEXT,
        until_on DATE NOT NULL,
        facts JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by UUID,
        CONSTRAINT pk_agreed_terms PRIMARY KEY (id),
        CONSTRAINT ck_agreed_terms_payment_days CHECK (payment_days BETWEEN 0 AND 365),
        CONSTRAINT ck_agreed_terms_discount CHECK (discount BETWEEN 0 AND 100),
        CONSTRAINT ck_agreed_terms_price CHECK (price >= 0),
        CONSTRAINT ck_agreed_terms_currency CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT ck_agreed_terms_product CHECK ((price IS NULL) = (currency IS NULL) AND (price IS NULL) = (product_id IS NULL)),
        CONSTRAINT ck_agreed_terms_words CHECK (char_length(words) BETWEEN 1 AND 1000),
        CONSTRAINT ck_agreed_terms_given CHECK (num_nonnulls(payment_days, discount, price, words) > 0),
        CONSTRAINT fk_agreed_terms_account_id FOREIGN KEY(account_id) REFERENCES account (id),
        CONSTRAINT fk_agreed_terms_agreed_by FOREIGN KEY(agreed_by) REFERENCES app_user (id),
        CONSTRAINT fk_agreed_terms_product_id FOREIGN KEY(product_id) REFERENCES product (id)
    )
    """,
    "CREATE INDEX ix_agreed_terms_account_id ON agreed_terms (account_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_agreed_terms_agreed_by ON agreed_terms (agreed_by)",
    "CREATE INDEX ix_agreed_terms_product_id ON agreed_terms (product_id) WHERE product_id IS NOT NULL",
    """
    CREATE TABLE terms_withdrawal (
        id UUID DEFAULT uuidv7() NOT NULL,
        terms_id UUID NOT NULL,
        withdrawn_by UUID NOT NULL,
        reason TEXT NOT NULL,
        facts JSONB DEFAULT '{}'::jsonb NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        created_by UUID,
        CONSTRAINT pk_terms_withdrawal PRIMARY KEY (id),
        CONSTRAINT ck_terms_withdrawal_reason CHECK (char_length(reason) BETWEEN 1 AND 1000),
        CONSTRAINT fk_terms_withdrawal_terms_id FOREIGN KEY(terms_id) REFERENCES agreed_terms (id),
        CONSTRAINT fk_terms_withdrawal_withdrawn_by FOREIGN KEY(withdrawn_by) REFERENCES app_user (id)
    )
    """,
    "CREATE INDEX ix_terms_withdrawal_withdrawn_by ON terms_withdrawal (withdrawn_by)",
    "CREATE UNIQUE INDEX uq_terms_withdrawal_terms_id ON terms_withdrawal (terms_id)",
    (
        "CREATE TRIGGER fixed BEFORE UPDATE ON agreed_terms FOR EACH ROW WHEN ((OLD.created_at, OLD.created_by, OLD.agreed_by, OLD.payment_days, OLD.discount, "
        "OLD.product_id, OLD.price, OLD.currency, OLD.words, OLD.until_on, OLD.facts) IS DISTINCT FROM (NEW.created_at, NEW.created_by, NEW.agreed_by, "
        "NEW.payment_days, NEW.discount, NEW.product_id, NEW.price, NEW.currency, NEW.words, NEW.until_on, NEW.facts)) EXECUTE FUNCTION ext.refuse_fixed()"
    ),
    "CREATE TRIGGER fixed_kept BEFORE DELETE ON agreed_terms FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed()",
    (
        "CREATE TRIGGER fixed BEFORE UPDATE ON terms_withdrawal FOR EACH ROW WHEN ((OLD.created_at, OLD.created_by, OLD.terms_id, OLD.withdrawn_by, OLD.reason, "
        "OLD.facts) IS DISTINCT FROM (NEW.created_at, NEW.created_by, NEW.terms_id, NEW.withdrawn_by, NEW.reason, NEW.facts)) EXECUTE FUNCTION "
        "ext.refuse_fixed()"
    ),
    "CREATE TRIGGER fixed_kept BEFORE DELETE ON terms_withdrawal FOR EACH ROW EXECUTE FUNCTION ext.refuse_fixed()",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# What a role holds -> what it may from now on, as new workspaces have it.
GRANTS = (("credit.read,loyalty.read", "terms.read"), ("credit.set,loyalty.set", "terms.agree"))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("agreed_terms", "terms_withdrawal"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
    for held, name in GRANTS:
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['{name}']::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
