"""Leads: who may become a customer, from where he came, and what became of him."""

from alembic import op

revision = "0051"
down_revision = "0050b"

STATEMENTS = (
    "CREATE TABLE lead (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, name_fold TEXT GENERATED ALWAYS AS "
    "(lower(ext.immutable_unaccent(name))) STORED NOT NULL, company TEXT, job_title TEXT, mail TEXT, mail_norm TEXT, sought TEXT GENERATED ALWAYS "
    "AS (lower(ext.immutable_unaccent(name || ' ' || coalesce(company, '') || ' ' || coalesce(mail, '')))) STORED NOT NULL, phone TEXT, language "
    "TEXT, postcode TEXT, city TEXT, country TEXT, interest TEXT, message TEXT, source TEXT, campaign TEXT, first_touch JSONB DEFAULT '{}'::jsonb "
    "NOT NULL, last_touch JSONB DEFAULT '{}'::jsonb NOT NULL, touches INTEGER DEFAULT 1 NOT NULL, owner_id UUID, state TEXT DEFAULT 'new' NOT "
    "NULL, state_since TIMESTAMP WITH TIME ZONE NOT NULL, reason TEXT, reason_note TEXT, notes TEXT, external_id TEXT, account_id UUID, "
    "contact_id UUID, deal_id UUID, converted_at TIMESTAMP WITH TIME ZONE, custom JSONB DEFAULT '{}'::jsonb NOT NULL, custom_find TEXT GENERATED "
    "ALWAYS AS (nullif(lower(ext.immutable_unaccent(jsonb_path_query_array(custom, '$.* ? (@.type() == \"string\")')::text)), '[]')) STORED, "
    "deleted_at TIMESTAMP WITH TIME ZONE, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH "
    "TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_lead PRIMARY KEY (id), CONSTRAINT ck_lead_state CHECK "
    "(state IN ('new', 'working', 'accepted', 'returned', 'disqualified', 'converted')), CONSTRAINT ck_lead_reason CHECK (reason IN ('no_need', "
    "'no_budget', 'wrong_person', 'not_reachable', 'competitor', 'spam', 'other')), CONSTRAINT ck_lead_reason_needed CHECK (state NOT IN "
    "('returned', 'disqualified') OR reason IS NOT NULL), "
    "CONSTRAINT ck_lead_converted_at CHECK ((state = 'converted') = (converted_at IS NOT NULL)), CONSTRAINT ck_lead_touches CHECK (touches > 0), "
    "CONSTRAINT fk_lead_owner_id FOREIGN KEY(owner_id) REFERENCES app_user (id), CONSTRAINT fk_lead_account_id FOREIGN KEY(account_id) REFERENCES "
    "account (id), CONSTRAINT fk_lead_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id), CONSTRAINT fk_lead_deal_id FOREIGN KEY(deal_id) "
    "REFERENCES deal (id) ON DELETE SET NULL)",
    "CREATE INDEX ix_lead_account_id ON lead (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX ix_lead_changed ON lead (updated_at DESC, id DESC) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_lead_contact_id ON lead (contact_id) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_lead_custom ON lead USING gin (custom jsonb_path_ops) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_lead_custom_find ON lead USING gin (custom_find ext.gin_trgm_ops) WHERE deleted_at IS NULL AND custom_find IS NOT NULL",
    "CREATE INDEX ix_lead_deal_id ON lead (deal_id) WHERE deal_id IS NOT NULL",
    "CREATE INDEX ix_lead_deleted_at ON lead (deleted_at) WHERE deleted_at IS NOT NULL",
    "CREATE INDEX ix_lead_east_asian ON lead USING gin ((string_to_array(regexp_replace(sought, '[^⺀-鿿가-힣豈-﫿]', '', 'g'), NULL))) WHERE "
    "deleted_at IS NULL",
    "CREATE INDEX ix_lead_find ON lead USING gin (sought ext.gin_trgm_ops) WITH (gin_pending_list_limit = 64) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_lead_list ON lead (name_fold, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_lead_mail_norm ON lead (mail_norm) WHERE mail_norm IS NOT NULL",
    "CREATE INDEX ix_lead_own ON lead (owner_id, name_fold, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_lead_state ON lead (state, created_at, id) WHERE deleted_at IS NULL",
    "CREATE UNIQUE INDEX uq_lead_external_id ON lead (external_id) WHERE external_id IS NOT NULL",
)
AUDITED = {"insert": "NEW TABLE AS new_rows", "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "delete": "OLD TABLE AS old_rows"}
# What a role holds -> what it may from now on, as new workspaces have it. Whoever sees only what names him gets none.
LOOKS, SELLS = "activities.read,accounts.read", "deals.create,deals.edit,deals.delete,deals.export"
WORKS = ("leads.create", "leads.edit", "leads.delete", "leads.export")
GRANTS = ((LOOKS, ("leads.read",)), (SELLS, WORKS), ("mailings.edit,imports.run,tags.manage", WORKS))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("export_run", "prepared_export"):
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind, ADD CONSTRAINT ck_{table}_kind CHECK (kind IN ('accounts', 'contacts', 'deals', 'leads', 'quotes', 'activities', 'recipients', 'audit', 'products')) NOT VALID")
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_kind")
    op.execute("ALTER TABLE hand_over ADD COLUMN lead_ids UUID[] DEFAULT '{}' NOT NULL")
    for held, names in GRANTS:
        more = ", ".join(f"'{name}'" for name in names)
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY[{more}]::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions @> '{{{held}}}'::varchar[] AND visibility <> 'named'"
        )
    for event, tables in AUDITED.items():
        op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON lead REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
