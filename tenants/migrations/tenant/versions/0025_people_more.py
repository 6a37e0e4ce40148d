"""Changes of one's own mail address; lawful bases of people, set by hand."""

from alembic import op

revision = "0025"
down_revision = "0024"

# Frozen here: what the models say later is another revision's.
MAIL_CHANGE = """CREATE TABLE mail_change (
    id UUID DEFAULT uuidv7() NOT NULL, user_id UUID NOT NULL, mail TEXT NOT NULL, mail_norm TEXT NOT NULL, former TEXT NOT NULL, former_norm TEXT NOT NULL,
    state TEXT DEFAULT 'waiting' NOT NULL, expires_at TIMESTAMP WITH TIME ZONE NOT NULL, credential_version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_mail_change PRIMARY KEY (id),
    CONSTRAINT ck_mail_change_state CHECK (state IN ('waiting', 'confirmed', 'stopped', 'taken_back')),
    CONSTRAINT fk_mail_change_user_id FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE)"""
INDEXES = (
    "CREATE INDEX ix_mail_change_user_id ON mail_change (user_id)",
    "CREATE INDEX ix_lawful_basis_contact_id ON lawful_basis (contact_id)", "CREATE INDEX ix_lawful_basis_purpose_id ON lawful_basis (purpose_id)",
    "CREATE UNIQUE INDEX uq_mail_change_user_id_waiting ON mail_change (user_id) WHERE state = 'waiting'",
)
BASIS = """CREATE TABLE lawful_basis (
    id UUID DEFAULT uuidv7() NOT NULL, contact_id UUID NOT NULL, purpose_id UUID, basis TEXT NOT NULL, source TEXT NOT NULL, note TEXT, since DATE NOT NULL, ended_on DATE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL, CONSTRAINT pk_lawful_basis PRIMARY KEY (id),
    CONSTRAINT ck_lawful_basis_basis CHECK (basis IN ('consent', 'contract', 'legitimate_interest', 'legal_duty', 'vital_interest', 'public_task')),
    CONSTRAINT ck_lawful_basis_source CHECK (source IN ('form', 'mail', 'phone', 'paper', 'import', 'link')), CONSTRAINT ck_lawful_basis_days CHECK (ended_on >= since),
    CONSTRAINT fk_lawful_basis_contact_id FOREIGN KEY(contact_id) REFERENCES contact (id),
    CONSTRAINT fk_lawful_basis_purpose_id FOREIGN KEY(purpose_id) REFERENCES consent_purpose (id))"""
AUDITED = ("mail_change", "lawful_basis")


def upgrade() -> None:
    for statement in (MAIL_CHANGE, BASIS, *INDEXES):
        op.execute(statement)
    for table in AUDITED:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()")
