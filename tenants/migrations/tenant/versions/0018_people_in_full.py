"""What suits a person and what is known of him, with a permission of its own; stages of accounts with their history; the shared pool."""

from alembic import op

revision = "0018"
down_revision = "0017"

# Frozen here: what the models say later is another revision's.
CONTACT = (
    "ALTER TABLE contact ADD COLUMN preferred_channel TEXT CONSTRAINT ck_contact_preferred_channel CHECK (preferred_channel IN ('phone', 'mail', 'message', 'visit', 'post'))",
    "ALTER TABLE contact ADD COLUMN preferred_hours TEXT",
    "ALTER TABLE contact ADD COLUMN timezone TEXT",
    "ALTER TABLE contact ADD COLUMN referred_by_id UUID CONSTRAINT ck_contact_referred_by CHECK (referred_by_id <> id) CONSTRAINT fk_contact_referred_by_id REFERENCES contact (id)",
    "CREATE INDEX ix_contact_day_of_year ON contact (((extract(month from birthday) * 100 + extract(day from birthday))::int)) WHERE birthday IS NOT NULL AND deleted_at IS NULL",
    "CREATE INDEX ix_contact_referred_by_id ON contact (referred_by_id) WHERE referred_by_id IS NOT NULL",
)
PERSONAL_FACT = """CREATE TABLE personal_fact (
    id UUID DEFAULT uuidv7() NOT NULL, contact_id UUID NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, source TEXT NOT NULL, source_note TEXT,
    noted_on DATE NOT NULL, noted_by UUID, deleted_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_personal_fact PRIMARY KEY (id),
    CONSTRAINT ck_personal_fact_kind CHECK (kind IN ('taste', 'habit', 'family', 'hobby', 'personal', 'gift', 'referral', 'other')),
    CONSTRAINT ck_personal_fact_source CHECK (source IN ('said', 'colleague', 'public', 'other')),
    CONSTRAINT ck_personal_fact_body CHECK (char_length(body) BETWEEN 1 AND 2000),
    CONSTRAINT fk_personal_fact_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id),
    CONSTRAINT fk_personal_fact_noted_by FOREIGN KEY(noted_by) REFERENCES app_user (id))"""
STAGES = "'identified', 'selected', 'acquired', 'developed', 'kept', 'loyal', 'lost'"
STAGE = (
    f"ALTER TABLE account ADD COLUMN stage TEXT DEFAULT 'identified' NOT NULL CONSTRAINT ck_account_stage CHECK (stage IN ({STAGES}))",
    "ALTER TABLE account ADD COLUMN stage_why JSONB DEFAULT '{}'::jsonb NOT NULL",
    "ALTER TABLE account ADD COLUMN stage_until DATE",
    "CREATE INDEX ix_account_stage ON account (stage, name_fold, id) WHERE deleted_at IS NULL",
    f"""CREATE TABLE stage_change (
    id UUID DEFAULT uuidv7() NOT NULL, account_id UUID NOT NULL, from_stage TEXT NOT NULL, to_stage TEXT NOT NULL, why JSONB DEFAULT '{{}}'::jsonb NOT NULL, until DATE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID,
    CONSTRAINT pk_stage_change PRIMARY KEY (id), CONSTRAINT ck_stage_change_from_stage CHECK (from_stage IN ({STAGES})), CONSTRAINT ck_stage_change_to_stage CHECK (to_stage IN ({STAGES})),
    CONSTRAINT fk_stage_change_account_id FOREIGN KEY(account_id) REFERENCES account (id))""",
    "CREATE INDEX ix_stage_change_account_id ON stage_change (account_id, created_at DESC, id DESC)",
)
STAMPS = """created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID"""
POOL = (
    f"""CREATE TABLE pool_rules (
    id UUID DEFAULT uuidv7() NOT NULL, one BOOLEAN DEFAULT true NOT NULL, idle_days INTEGER, claims_a_day INTEGER, {STAMPS},
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_pool_rules PRIMARY KEY (id), CONSTRAINT ck_pool_rules_one CHECK (one), CONSTRAINT ck_pool_rules_idle_days CHECK (idle_days BETWEEN 30 AND 3650),
    CONSTRAINT ck_pool_rules_claims_a_day CHECK (claims_a_day BETWEEN 1 AND 1000), CONSTRAINT uq_pool_rules_one UNIQUE (one))""",
    """CREATE TABLE pool_warning (
    account_id UUID NOT NULL, owner_id UUID NOT NULL, due_on DATE NOT NULL, warned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_pool_warning PRIMARY KEY (account_id), CONSTRAINT fk_pool_warning_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT fk_pool_warning_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id))""",
    f"""CREATE TABLE pool_claim (
    id UUID DEFAULT uuidv7() NOT NULL, account_id UUID NOT NULL, user_id UUID NOT NULL, {STAMPS},
    CONSTRAINT pk_pool_claim PRIMARY KEY (id), CONSTRAINT fk_pool_claim_account_id FOREIGN KEY(account_id) REFERENCES account (id),
    CONSTRAINT fk_pool_claim_user_id FOREIGN KEY(user_id) REFERENCES app_user (id))""",
    "CREATE INDEX ix_pool_warning_due_on ON pool_warning (due_on, account_id)",
    "CREATE INDEX ix_pool_warning_owner_id ON pool_warning (owner_id)",
    "CREATE INDEX ix_pool_claim_user_id ON pool_claim (user_id, created_at)",
    "CREATE INDEX ix_pool_claim_account_id ON pool_claim (account_id)",
)
INDEXES = (
    "CREATE INDEX ix_personal_fact_contact_id ON personal_fact (contact_id, noted_on DESC, id DESC) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_personal_fact_noted_by ON personal_fact (noted_by)",
)
AUDITED = ("personal_fact", "pool_rules")


def upgrade() -> None:
    for statement in (*CONTACT, PERSONAL_FACT, *INDEXES, *STAGE, *POOL):
        op.execute(statement)
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
    # Who handed accounts over among others' so far goes on doing so.
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['accounts.reassign']::varchar[]) AS one) "
        "WHERE code IN ('director', 'manager', 'team_lead') AND 'accounts.edit' = ANY(permissions)"
    )
    # To those that sell or serve. Not to narrowed API tokens: what a program may know grows by a person's decision alone.
    op.execute(
        "UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['personal_facts.read', 'personal_facts.write']::varchar[]) AS one) "
        "WHERE code IN ('director', 'manager', 'team_lead', 'sales', 'service') AND 'activities.log' = ANY(permissions)"
    )
