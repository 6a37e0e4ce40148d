"""Further mails, phones, messengers and postal addresses; roles at several accounts; marks of addresses and numbers."""

from alembic import op

revision = "0017"
down_revision = "0016"

# Frozen here: what the models say later is another revision's.
TABLES = (
    """CREATE TABLE contact_point (id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, service TEXT, value TEXT NOT NULL, key TEXT NOT NULL,
    e164 TEXT, label TEXT NOT NULL, position INTEGER DEFAULT 0 NOT NULL, deleted_at TIMESTAMP WITH TIME ZONE, account_id UUID, contact_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_contact_point PRIMARY KEY (id),
    CONSTRAINT ck_contact_point_parent CHECK ((account_id IS NULL) <> (contact_id IS NULL)),
    CONSTRAINT ck_contact_point_kind CHECK (kind IN ('mail', 'phone', 'messenger')),
    CONSTRAINT ck_contact_point_messenger CHECK ((kind = 'messenger') = (service IS NOT NULL)),
    CONSTRAINT ck_contact_point_service CHECK (service IN ('whatsapp', 'telegram', 'wechat', 'kakaotalk', 'line', 'signal', 'viber', 'skype',
    'other')), CONSTRAINT fk_contact_point_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT fk_contact_point_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE)""",
    """CREATE TABLE postal_address (id UUID DEFAULT uuidv7() NOT NULL, recipient TEXT, street TEXT, postcode TEXT, city TEXT, region TEXT,
    country TEXT, label TEXT NOT NULL, position INTEGER DEFAULT 0 NOT NULL, deleted_at TIMESTAMP WITH TIME ZONE, account_id UUID,
    contact_id UUID, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_postal_address PRIMARY KEY (id), CONSTRAINT ck_postal_address_parent CHECK ((account_id IS NULL) <> (contact_id IS NULL)),
    CONSTRAINT fk_postal_address_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT fk_postal_address_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE)""",
    """CREATE TABLE affiliation (id UUID DEFAULT uuidv7() NOT NULL, contact_id UUID NOT NULL, account_id UUID NOT NULL, title TEXT, department TEXT,
    since DATE, until DATE, is_former BOOLEAN DEFAULT false NOT NULL, deleted_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_affiliation PRIMARY KEY (id), CONSTRAINT ck_affiliation_days CHECK (until >= since),
    CONSTRAINT fk_affiliation_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE CASCADE,
    CONSTRAINT fk_affiliation_account_id FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE)""",
    """CREATE TABLE reach_mark (id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, opted_out_at TIMESTAMP WITH TIME ZONE,
    opted_out_by UUID, invalid TEXT, invalid_at TIMESTAMP WITH TIME ZONE, invalid_by UUID, note TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_reach_mark PRIMARY KEY (id), CONSTRAINT ck_reach_mark_kind CHECK (kind IN ('mail',
    'phone')), CONSTRAINT ck_reach_mark_invalid CHECK (invalid IN ('bounced', 'wrong', 'left')),
    CONSTRAINT ck_reach_mark_invalid_at CHECK ((invalid IS NULL) = (invalid_at IS NULL)),
    CONSTRAINT ck_reach_mark_opted_out CHECK (opted_out_at IS NULL OR kind = 'phone'),
    CONSTRAINT fk_reach_mark_opted_out_by FOREIGN KEY(opted_out_by) REFERENCES app_user (id),
    CONSTRAINT fk_reach_mark_invalid_by FOREIGN KEY(invalid_by) REFERENCES app_user (id))""",
)
INDEXES = (
    "CREATE INDEX ix_contact_point_account_id ON contact_point (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX ix_contact_point_contact_id ON contact_point (contact_id) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_contact_point_find ON contact_point USING gin (key ext.gin_trgm_ops) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_contact_point_key ON contact_point (key, kind) WHERE deleted_at IS NULL",
    "CREATE UNIQUE INDEX uq_contact_point_value ON contact_point (account_id, contact_id, kind, key) NULLS NOT DISTINCT WHERE deleted_at IS NULL",
    "CREATE INDEX ix_postal_address_account_id ON postal_address (account_id) WHERE account_id IS NOT NULL",
    "CREATE INDEX ix_postal_address_contact_id ON postal_address (contact_id) WHERE contact_id IS NOT NULL",
    "CREATE INDEX ix_affiliation_account_id ON affiliation (account_id)",
    "CREATE INDEX ix_affiliation_contact_id ON affiliation (contact_id)",
    "CREATE UNIQUE INDEX uq_affiliation_contact_account ON affiliation (contact_id, account_id) WHERE deleted_at IS NULL",
    "CREATE UNIQUE INDEX uq_reach_mark_key ON reach_mark (kind, key)",
)


def upgrade() -> None:
    for statement in (*TABLES, *INDEXES):
        op.execute(statement)
    for table in ("contact_point", "postal_address", "affiliation", "reach_mark"):
        for event, rows in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
