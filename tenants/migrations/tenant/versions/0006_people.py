"""Teams, several roles a person, absence with a deputy, and roles that reach to a team or a branch."""

from alembic import op

revision = "0006"
down_revision = "0005"

STAMPS = "created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, created_by UUID"
VERSIONED = f"{STAMPS}, updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, version INTEGER DEFAULT 1 NOT NULL"
USER = "REFERENCES app_user (id) ON DELETE CASCADE"
# Frozen here: what the models say later is another revision's.
TABLES = {
    "team": f"""name TEXT NOT NULL, parent_id UUID, is_branch BOOLEAN DEFAULT false NOT NULL, {VERSIONED},
        CONSTRAINT ck_team_parent CHECK (parent_id <> id), CONSTRAINT fk_team_parent_id FOREIGN KEY(parent_id) REFERENCES team (id)""",
    "absence": f"""user_id UUID NOT NULL, deputy_id UUID NOT NULL, starts_on DATE NOT NULL, ends_on DATE NOT NULL, {VERSIONED},
        CONSTRAINT ck_absence_days CHECK (starts_on <= ends_on), CONSTRAINT ck_absence_deputy CHECK (deputy_id <> user_id),
        CONSTRAINT fk_absence_user_id FOREIGN KEY(user_id) {USER}, CONSTRAINT fk_absence_deputy_id FOREIGN KEY(deputy_id) {USER}""",
    "team_member": f"""team_id UUID NOT NULL, user_id UUID NOT NULL, leads BOOLEAN DEFAULT false NOT NULL, {STAMPS},
        CONSTRAINT fk_team_member_team_id FOREIGN KEY(team_id) REFERENCES team (id) ON DELETE CASCADE,
        CONSTRAINT fk_team_member_user_id FOREIGN KEY(user_id) {USER}""",
    "user_role": f"""user_id UUID NOT NULL, role_id UUID NOT NULL, {STAMPS}, CONSTRAINT fk_user_role_user_id FOREIGN KEY(user_id) {USER},
        CONSTRAINT fk_user_role_role_id FOREIGN KEY(role_id) REFERENCES role (id)""",
}
INDEXES = (
    "CREATE UNIQUE INDEX uq_role_name ON role (lower(name))",
    "CREATE INDEX ix_team_parent_id ON team (parent_id)",
    "CREATE UNIQUE INDEX uq_team_name ON team (parent_id, lower(name))",
    "CREATE UNIQUE INDEX uq_team_top_name ON team (lower(name)) WHERE parent_id IS NULL",
    "CREATE INDEX ix_absence_deputy_id ON absence (deputy_id, ends_on)",
    "CREATE INDEX ix_absence_user_id ON absence (user_id, ends_on)",
    "CREATE INDEX ix_team_member_team_id ON team_member (team_id)",
    "CREATE UNIQUE INDEX uq_team_member_user_team ON team_member (user_id, team_id)",
    "CREATE INDEX ix_user_role_role_id ON user_role (role_id)",
    "CREATE UNIQUE INDEX uq_user_role_user_role ON user_role (user_id, role_id)",
)
ROLE = (
    "ALTER TABLE role DROP CONSTRAINT ck_role_visibility",
    "ALTER TABLE role ADD COLUMN changing TEXT DEFAULT 'all' NOT NULL, ADD COLUMN scopes JSONB DEFAULT '{}'::jsonb NOT NULL",
    "ALTER TABLE role ADD CONSTRAINT ck_role_visibility CHECK (visibility IN ('own', 'team', 'branch', 'all'))",
    "ALTER TABLE role ADD CONSTRAINT ck_role_changing CHECK (changing IN ('own', 'team', 'branch', 'all'))",
    "UPDATE role SET changing = visibility",
    "ALTER TABLE session ADD COLUMN viewing_id UUID",
    "ALTER TABLE session ADD CONSTRAINT fk_session_viewing_id FOREIGN KEY(viewing_id) REFERENCES app_user (id) ON DELETE SET NULL",
)
LOOKS = "accounts.read,activities.read,contacts.read,home.read,mailings.read,profile.edit"
WORKS = LOOKS + ",activities.edit,activities.export,activities.log,tokens.manage,tokens.read,tokens.revoke"
PARTIES = ",accounts.create,accounts.edit,contacts.create,contacts.edit"
SALES = WORKS + PARTIES + ",accounts.delete,accounts.export,contacts.delete,contacts.export,imports.read,imports.run"
MAILINGS = ",mailings.edit,mailings.export,mailings.send"
# code -> (name, permissions, reach): the built-in roles that there were not before.
NEW_ROLES = {
    "director": ("Managing director", SALES + MAILINGS + ",audit.read,billing.manage,takeout.run,users.read", "all"),
    "team_lead": ("Team lead", SALES + MAILINGS + ",users.read", "team"),
    "marketing": ("Marketing", WORKS + PARTIES + MAILINGS + ",accounts.export,contacts.export,imports.read,imports.run", "all"),
    "service": ("Service", WORKS + PARTIES, "all"),
    "purchasing": ("Purchasing", WORKS + PARTIES + ",accounts.export", "all"),
    "finance": ("Finance", WORKS + ",accounts.edit,accounts.export,billing.manage", "all"),
}


def upgrade() -> None:
    for change in ROLE:
        op.execute(change)
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE {name} (id UUID DEFAULT uuidv7() NOT NULL, {columns}, CONSTRAINT pk_{name} PRIMARY KEY (id))")
    for index in INDEXES:
        op.execute(index)
    for table in TABLES:
        for event, tables in (("insert", "NEW TABLE AS new_rows"), ("update", "OLD TABLE AS old_rows NEW TABLE AS new_rows"), ("delete", "OLD TABLE AS old_rows")):
            op.execute(
                f"CREATE TRIGGER audit_{event} AFTER {event.upper()} ON {table} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION ext.audit_capture()"
            )
    for code, (name, held, reach) in NEW_ROLES.items():
        # Where people work already: a schema in the pool gets its roles when it is claimed.
        op.execute(
            "INSERT INTO role (code, name, permissions, visibility, changing) "  # noqa: S608 (our own names)
            f"SELECT '{code}', '{name}', string_to_array('{','.join(sorted(held.split(',')))}', ','), '{reach}', '{reach}' WHERE EXISTS (SELECT FROM role)"
        )
