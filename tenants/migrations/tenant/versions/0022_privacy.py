"""Consent ledger, requests of persons about their data, restriction of processing, what the recycle bin keeps."""

from alembic import op

revision = "0022"
down_revision = "0021"

# Frozen here: what the models say later is another revision's.
STATEMENTS = (
    'CREATE TABLE audit_redaction (entry_id UUID NOT NULL, at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, seal BYTEA NOT NULL, CONSTRAINT '
    'pk_audit_redaction PRIMARY KEY (entry_id, at))',
    "CREATE TABLE consent_purpose (id UUID DEFAULT uuidv7() NOT NULL, name TEXT NOT NULL, basis TEXT DEFAULT 'consent' NOT NULL, ended BOOLEAN "
    'DEFAULT false NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE '
    'DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_consent_purpose PRIMARY KEY (id), CONSTRAINT '
    "ck_consent_purpose_basis CHECK (basis IN ('consent', 'contract', 'legitimate_interest', 'legal_duty')))",
    'CREATE TABLE consent_wording (id UUID DEFAULT uuidv7() NOT NULL, purpose_id UUID NOT NULL, lang TEXT NOT NULL, number INTEGER NOT NULL, said '
    'TEXT NOT NULL, created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_consent_wording PRIMARY KEY (id), '
    'CONSTRAINT fk_consent_wording_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id))',
    'CREATE TABLE consent (id UUID DEFAULT uuidv7() NOT NULL, contact_id UUID, address_hash BYTEA, purpose_id UUID NOT NULL, given BOOLEAN NOT '
    'NULL, wording_id UUID, source TEXT NOT NULL, proof TEXT, ip TEXT, erased BOOLEAN DEFAULT false NOT NULL, created_at TIMESTAMP WITH TIME ZONE '
    "DEFAULT now() NOT NULL, created_by UUID, CONSTRAINT pk_consent PRIMARY KEY (id), CONSTRAINT ck_consent_source CHECK (source IN ('form', "
    "'mail', 'phone', 'paper', 'import', 'link')), CONSTRAINT ck_consent_whose CHECK (contact_id IS NOT NULL OR address_hash IS NOT NULL OR "
    'erased), CONSTRAINT fk_consent_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id) ON DELETE SET NULL, CONSTRAINT '
    'fk_consent_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id), CONSTRAINT fk_consent_wording_id FOREIGN KEY(wording_id) '
    'REFERENCES consent_wording (id))',
    "CREATE TABLE subject_request (id UUID DEFAULT uuidv7() NOT NULL, kind TEXT NOT NULL, state TEXT DEFAULT 'searching' NOT NULL, who TEXT, mail "
    "TEXT, also TEXT[] DEFAULT '{}' NOT NULL, received_on DATE NOT NULL, due_on DATE NOT NULL, extended_why TEXT, identity TEXT, decided_by UUID, "
    "decided_at TIMESTAMP WITH TIME ZONE, outcome TEXT, proof JSONB DEFAULT '{}'::jsonb NOT NULL, mail_hash BYTEA, file_key TEXT, created_at "
    'TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version '
    "INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_subject_request PRIMARY KEY (id), CONSTRAINT ck_subject_request_kind CHECK (kind IN ('access', "
    "'correct', 'erase', 'restrict', 'object')), CONSTRAINT ck_subject_request_state CHECK (state IN ('searching', 'open', 'working', 'done', "
    "'refused', 'failed')), CONSTRAINT fk_subject_request_decided_by FOREIGN KEY(decided_by) REFERENCES app_user (id) ON DELETE SET NULL)",
    'CREATE TABLE subject_hit (request_id UUID NOT NULL, table_name TEXT NOT NULL, row_key TEXT NOT NULL, why TEXT NOT NULL, said TEXT NOT NULL, '
    'belongs BOOLEAN DEFAULT false NOT NULL, CONSTRAINT pk_subject_hit PRIMARY KEY (request_id, table_name, row_key), CONSTRAINT '
    "ck_subject_hit_why CHECK (why IN ('record', 'linked', 'address', 'name')), CONSTRAINT fk_subject_hit_request_id FOREIGN KEY(request_id) "
    'REFERENCES subject_request (id) ON DELETE CASCADE)',
    'CREATE TABLE retention (id UUID DEFAULT uuidv7() NOT NULL, one BOOLEAN DEFAULT true NOT NULL, bin_days INTEGER DEFAULT 90 NOT NULL, created_at '
    'TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version '
    'INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_retention PRIMARY KEY (id), CONSTRAINT ck_retention_one CHECK (one), CONSTRAINT '
    'ck_retention_bin_days CHECK (bin_days BETWEEN 7 AND 365), CONSTRAINT uq_retention_one UNIQUE (one))',
    'ALTER TABLE mailing ADD COLUMN needs_consent_id UUID CONSTRAINT fk_mailing_needs_consent_id REFERENCES consent_purpose (id)',
    'ALTER TABLE contact ADD COLUMN restricted_at TIMESTAMP WITH TIME ZONE, ADD COLUMN restricted_why TEXT',
    'CREATE UNIQUE INDEX uq_consent_purpose_name ON consent_purpose (lower(name))',
    'CREATE UNIQUE INDEX uq_consent_wording_number ON consent_wording (purpose_id, lang, number)',
    'CREATE INDEX ix_subject_request_created_at ON subject_request (created_at DESC, id DESC)',
    'CREATE INDEX ix_consent_address_hash ON consent (address_hash, purpose_id, created_at DESC, id DESC) WHERE address_hash IS NOT NULL',
    'CREATE INDEX ix_consent_contact_id ON consent (contact_id, purpose_id, created_at DESC, id DESC)',
    'CREATE INDEX ix_consent_purpose_id ON consent (purpose_id)',
    'CREATE TRIGGER audit_insert AFTER INSERT ON consent_purpose REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION '
    'ext.audit_capture()',
    'CREATE TRIGGER audit_update AFTER UPDATE ON consent_purpose REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT '
    'EXECUTE FUNCTION ext.audit_capture()',
    'CREATE TRIGGER audit_delete AFTER DELETE ON consent_purpose REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION '
    'ext.audit_capture()',
    'CREATE TRIGGER audit_insert AFTER INSERT ON retention REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION '
    'ext.audit_capture()',
    'CREATE TRIGGER audit_update AFTER UPDATE ON retention REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE '
    'FUNCTION ext.audit_capture()',
    'CREATE TRIGGER audit_delete AFTER DELETE ON retention REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION '
    'ext.audit_capture()',
    'CREATE TRIGGER audit_insert AFTER INSERT ON subject_request REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION '
    "ext.audit_capture('who', 'mail', 'also', 'identity', 'outcome', 'proof', 'file_key')",
    'CREATE TRIGGER audit_update AFTER UPDATE ON subject_request REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT '
    "EXECUTE FUNCTION ext.audit_capture('who', 'mail', 'also', 'identity', 'outcome', 'proof', 'file_key')",
    'CREATE TRIGGER audit_delete AFTER DELETE ON subject_request REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION '
    "ext.audit_capture('who', 'mail', 'also', 'identity', 'outcome', 'proof', 'file_key')",
    'CREATE TRIGGER restricted BEFORE UPDATE ON contact FOR EACH ROW WHEN (OLD.restricted_at IS NOT NULL AND NEW.restricted_at IS NOT NULL AND '
    '(OLD.name, OLD.how_to_address, OLD.job_title, OLD.mail, OLD.phone, OLD.mobile, OLD.birthday, OLD.language, OLD.notes, OLD.tags, OLD.source, '
    'OLD.custom) IS DISTINCT FROM (NEW.name, NEW.how_to_address, NEW.job_title, NEW.mail, NEW.phone, NEW.mobile, NEW.birthday, NEW.language, '
    'NEW.notes, NEW.tags, NEW.source, NEW.custom)) EXECUTE FUNCTION ext.refuse_restricted()',
)
APPEND_ONLY = ('audit_redaction', 'consent_wording', 'consent')
# Whoever works with contacts sees what they agreed to; whoever changes them records it. Not narrowed API tokens.
GRANTS = (("consents.read", "contacts.read"), ("consents.record", "contacts.edit"))


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in APPEND_ONLY:
        op.execute(f"DO $$ BEGIN EXECUTE 'REVOKE UPDATE, DELETE ON {table} FROM r_' || current_schema(); END $$")
    for new, held in GRANTS:
        op.execute(
            f"UPDATE role SET permissions = (SELECT array_agg(DISTINCT one ORDER BY one) FROM unnest(permissions || ARRAY['{new}']::varchar[]) AS one) "  # noqa: S608 (constants)
            f"WHERE permissions && ARRAY['{held}']::varchar[]"  # noqa: S608
        )
