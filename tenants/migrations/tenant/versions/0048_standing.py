"""Credit grades with what follows from them, and loyalty tiers of accounts."""

from alembic import op

revision = "0048"
down_revision = "0047"

# Frozen here: what the models say later is another revision's.
STATEMENTS = (
    'CREATE TABLE credit_standing (id UUID DEFAULT uuidv7() NOT NULL, grade TEXT NOT NULL, limit_amount NUMERIC(18, 2), limit_currency TEXT, reason TEXT, '
    "source TEXT DEFAULT 'hand' NOT NULL, until_on DATE, ended_at TIMESTAMP WITH TIME ZONE, account_id UUID NOT NULL, set_by UUID, "
    'created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, '
    "version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_credit_standing PRIMARY KEY (id), CONSTRAINT ck_credit_standing_source CHECK (source IN ('hand', "
    "'computed')), "
    "CONSTRAINT ck_credit_standing_hand CHECK (source <> 'hand' OR (until_on IS NOT NULL AND reason IS NOT NULL AND char_length(reason) BETWEEN 1 AND 400)), "
    "CONSTRAINT ck_credit_standing_grade CHECK (grade IN ('big_good', 'small_good', 'big_bad', 'small_bad')), "
    'CONSTRAINT ck_credit_standing_limit_amount CHECK (limit_amount >= 0), '
    "CONSTRAINT ck_credit_standing_limit_currency CHECK (limit_currency ~ '^[A-Z]{3}$'), "
    'CONSTRAINT ck_credit_standing_limit CHECK ((limit_amount IS NULL) = (limit_currency IS NULL)), '
    'CONSTRAINT fk_credit_standing_account_id FOREIGN KEY(account_id) REFERENCES account (id), '
    'CONSTRAINT fk_credit_standing_set_by FOREIGN KEY(set_by) REFERENCES app_user (id))',
    'CREATE INDEX ix_credit_standing_account_id ON credit_standing (account_id, created_at DESC, id DESC)',
    'CREATE INDEX ix_credit_standing_set_by ON credit_standing (set_by) WHERE set_by IS NOT NULL',
    'CREATE UNIQUE INDEX uq_credit_standing_open ON credit_standing (account_id, source) WHERE ended_at IS NULL',
    'CREATE TABLE credit_rule (id UUID DEFAULT uuidv7() NOT NULL, grade TEXT NOT NULL, discount NUMERIC(9, 4) NOT NULL, payment_days INTEGER NOT NULL, '
    'prepaid BOOLEAN DEFAULT false NOT NULL, needs_release BOOLEAN DEFAULT false NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, '
    'created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, '
    "CONSTRAINT pk_credit_rule PRIMARY KEY (id), CONSTRAINT ck_credit_rule_grade CHECK (grade IN ('big_good', 'small_good', 'big_bad', 'small_bad')), "
    'CONSTRAINT ck_credit_rule_discount CHECK (discount BETWEEN 0 AND 100), CONSTRAINT ck_credit_rule_payment_days CHECK (payment_days BETWEEN 0 AND 365), '
    'CONSTRAINT ck_credit_rule_prepaid CHECK (NOT prepaid OR payment_days = 0))',
    'CREATE UNIQUE INDEX uq_credit_rule_grade ON credit_rule (grade)',
    "CREATE TABLE loyalty_standing (id UUID DEFAULT uuidv7() NOT NULL, tier_id UUID NOT NULL, reason TEXT, source TEXT DEFAULT 'hand' NOT NULL, "
    'until_on DATE, ended_at TIMESTAMP WITH TIME ZONE, account_id UUID NOT NULL, set_by UUID, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, '
    'created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, '
    "CONSTRAINT pk_loyalty_standing PRIMARY KEY (id), CONSTRAINT ck_loyalty_standing_source CHECK (source IN ('hand', 'computed')), "
    "CONSTRAINT ck_loyalty_standing_hand CHECK (source <> 'hand' OR (until_on IS NOT NULL AND reason IS NOT NULL AND char_length(reason) BETWEEN 1 AND 400)), "
    'CONSTRAINT fk_loyalty_standing_tier_id FOREIGN KEY(tier_id) REFERENCES tier_discount (id), '
    'CONSTRAINT fk_loyalty_standing_account_id FOREIGN KEY(account_id) REFERENCES account (id), '
    'CONSTRAINT fk_loyalty_standing_set_by FOREIGN KEY(set_by) REFERENCES app_user (id))',
    'CREATE INDEX ix_loyalty_standing_account_id ON loyalty_standing (account_id, created_at DESC, id DESC)',
    'CREATE INDEX ix_loyalty_standing_set_by ON loyalty_standing (set_by) WHERE set_by IS NOT NULL',
    'CREATE INDEX ix_loyalty_standing_tier_id ON loyalty_standing (tier_id)',
    'CREATE UNIQUE INDEX uq_loyalty_standing_open ON loyalty_standing (account_id, source) WHERE ended_at IS NULL',
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# What a role holds -> what it may from now on, as new workspaces have it. Whoever sees only what names him gets none.
GRANTS = (
    ("accounts.read,products.read", ("credit.read", "loyalty.read")), ("accounts.reassign,catalogue.manage", ("credit.set", "loyalty.set", "credit_rules.manage")),
    ("accounts.edit,catalogue.manage,billing.manage", ("credit.set", "credit_rules.manage")), ("accounts.reassign,tags.manage", ("loyalty.set",)),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("credit_standing", "credit_rule", "loyalty_standing"):
        for event, tables in AUDITED.items():
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
    for held, names in GRANTS:
        more = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
