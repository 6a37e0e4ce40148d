CREATE TABLE control.access_event (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	before TEXT, 
	after TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	until TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_access_event PRIMARY KEY (id)
);
CREATE INDEX ix_access_event_tenant_id ON control.access_event (tenant_id, at DESC);
CREATE TABLE control.access_state (
	tenant_id UUID NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	until TIMESTAMP WITH TIME ZONE, 
	suspended_at TIMESTAMP WITH TIME ZONE, 
	cached_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_access_state PRIMARY KEY (tenant_id), 
	CONSTRAINT ck_access_state_state CHECK (state IN ('trialing', 'active', 'grace', 'over_limit', 'read_only', 'suspended', 'closed', 'purged'))
);
CREATE TABLE control.audit_anchor (
	tenant_id UUID NOT NULL, 
	seq BIGINT NOT NULL, 
	hash BYTEA NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_audit_anchor PRIMARY KEY (tenant_id)
);
CREATE TABLE control.billing_account (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	legal_name TEXT NOT NULL, 
	address TEXT, 
	postcode TEXT, 
	city TEXT, 
	country TEXT, 
	currency TEXT NOT NULL, 
	vat_id TEXT, 
	vat_status TEXT DEFAULT 'none' NOT NULL, 
	vat_evidence JSONB DEFAULT '{}'::jsonb NOT NULL, 
	mail TEXT NOT NULL, 
	locale TEXT NOT NULL, 
	timezone TEXT NOT NULL, 
	provider TEXT DEFAULT 'manual' NOT NULL, 
	provider_customer_id TEXT, 
	comp_until TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_billing_account PRIMARY KEY (id), 
	CONSTRAINT ck_billing_account_vat_status CHECK (vat_status IN ('none', 'unchecked', 'valid', 'invalid')), 
	CONSTRAINT uq_billing_account_tenant_id UNIQUE (tenant_id)
);
CREATE TABLE control.billing_audit (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	actor_kind TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	action TEXT NOT NULL, 
	before JSONB, 
	after JSONB, 
	ip TEXT, 
	reason TEXT, 
	CONSTRAINT pk_billing_audit PRIMARY KEY (id)
);
CREATE INDEX ix_billing_audit_tenant_id ON control.billing_audit (tenant_id, at DESC);
CREATE TABLE control.billing_intent (
	id UUID NOT NULL, 
	tenant_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	data JSONB NOT NULL, 
	session_id TEXT, 
	state TEXT DEFAULT 'open' NOT NULL, 
	result_id UUID, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_billing_intent PRIMARY KEY (id), 
	CONSTRAINT ck_billing_intent_state CHECK (state IN ('open', 'done', 'expired'))
);
CREATE TABLE control.billing_notice (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	subject_id UUID NOT NULL, 
	step TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_billing_notice PRIMARY KEY (id), 
	CONSTRAINT uq_billing_notice_subject_id_step UNIQUE (subject_id, step)
);
CREATE TABLE control.clock (
	name TEXT NOT NULL, 
	last_due_at TIMESTAMP WITH TIME ZONE, 
	alive_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_clock PRIMARY KEY (name)
);
CREATE TABLE control.entitlement_override (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	key TEXT NOT NULL, 
	value BIGINT, 
	valid_to TIMESTAMP WITH TIME ZONE, 
	reason TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_entitlement_override PRIMARY KEY (id)
);
CREATE INDEX ix_entitlement_override_tenant_id ON control.entitlement_override (tenant_id);
CREATE TABLE control.feature (
	id UUID DEFAULT uuidv7() NOT NULL, 
	key TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	enforcement TEXT DEFAULT 'hard' NOT NULL, 
	time_window TEXT DEFAULT 'none' NOT NULL, 
	CONSTRAINT pk_feature PRIMARY KEY (id), 
	CONSTRAINT ck_feature_kind CHECK (kind IN ('bool', 'limit')), 
	CONSTRAINT ck_feature_enforcement CHECK (enforcement IN ('hard', 'soft', 'meter')), 
	CONSTRAINT ck_feature_time_window CHECK (time_window IN ('none', 'month', 'day')), 
	CONSTRAINT uq_feature_key UNIQUE (key)
);
CREATE TABLE control.hold (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	access TEXT DEFAULT 'suspended' NOT NULL, 
	effective_from TIMESTAMP WITH TIME ZONE NOT NULL, 
	effective_to TIMESTAMP WITH TIME ZONE, 
	reason TEXT NOT NULL, 
	author TEXT NOT NULL, 
	CONSTRAINT pk_hold PRIMARY KEY (id), 
	CONSTRAINT ck_hold_kind CHECK (kind IN ('operator', 'abuse', 'legal', 'overdue')), 
	CONSTRAINT ck_hold_access CHECK (access IN ('read_only', 'suspended', 'closed'))
);
CREATE INDEX ix_hold_tenant_id ON control.hold (tenant_id);
CREATE TABLE control.number_series (
	series TEXT NOT NULL, 
	year INTEGER NOT NULL, 
	last BIGINT DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_number_series PRIMARY KEY (series, year)
);
CREATE TABLE control.operator (
	id UUID DEFAULT uuidv7() NOT NULL, 
	mail_norm TEXT NOT NULL, 
	name TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	totp_secret BYTEA NOT NULL, 
	totp_last_step BIGINT, 
	recovery_hashes JSONB DEFAULT '[]'::jsonb NOT NULL, 
	locale TEXT DEFAULT 'en' NOT NULL, 
	disabled_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_operator PRIMARY KEY (id), 
	CONSTRAINT uq_operator_mail_norm UNIQUE (mail_norm)
);
CREATE TABLE control.operator_act (
	id UUID DEFAULT uuidv7() NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	operator TEXT NOT NULL, 
	action TEXT NOT NULL, 
	tenant_id UUID, 
	detail JSONB DEFAULT '{}'::jsonb NOT NULL, 
	CONSTRAINT pk_operator_act PRIMARY KEY (id)
);
CREATE INDEX ix_operator_act_tenant_id ON control.operator_act (tenant_id, at DESC);
CREATE TABLE control.outbox (
	id UUID DEFAULT uuidv7() NOT NULL, 
	name TEXT NOT NULL, 
	args JSONB DEFAULT '{}'::jsonb NOT NULL, 
	queue TEXT DEFAULT 'default' NOT NULL, 
	state TEXT DEFAULT 'waiting' NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	lease_until TIMESTAMP WITH TIME ZONE, 
	lease_token UUID, 
	dedupe_key TEXT, 
	asked_by UUID, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	error TEXT, 
	result JSONB, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT ck_outbox_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'parked'))
);
CREATE INDEX ix_outbox_due ON control.outbox (due_at) WHERE state IN ('waiting', 'running');
CREATE UNIQUE INDEX uq_outbox_dedupe_key ON control.outbox (name, dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE TABLE control.plan (
	id UUID DEFAULT uuidv7() NOT NULL, 
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	rank INTEGER NOT NULL, 
	public BOOLEAN DEFAULT true NOT NULL, 
	archived_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_plan PRIMARY KEY (id), 
	CONSTRAINT uq_plan_code UNIQUE (code)
);
CREATE TABLE control.tenant (
	id UUID DEFAULT uuidv7() NOT NULL, 
	slug TEXT, 
	name TEXT, 
	cluster TEXT DEFAULT 'main' NOT NULL, 
	database TEXT DEFAULT current_database() NOT NULL, 
	schema_name TEXT NOT NULL, 
	role_name TEXT NOT NULL, 
	state TEXT NOT NULL, 
	access TEXT DEFAULT 'trialing' NOT NULL, 
	access_until TIMESTAMP WITH TIME ZONE, 
	schema_version TEXT NOT NULL, 
	migration_error TEXT, 
	migrated_at TIMESTAMP WITH TIME ZONE, 
	locale TEXT DEFAULT 'en' NOT NULL, 
	timezone TEXT DEFAULT 'UTC' NOT NULL, 
	currency TEXT DEFAULT 'EUR' NOT NULL, 
	hue INTEGER DEFAULT 262 NOT NULL, 
	date_format TEXT DEFAULT '' NOT NULL, 
	clock TEXT DEFAULT '' NOT NULL, 
	number_format TEXT DEFAULT '' NOT NULL, 
	first_day TEXT DEFAULT '' NOT NULL, 
	rooms_off VARCHAR[] DEFAULT '{}' NOT NULL, 
	settings_version INTEGER DEFAULT 1 NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	claimed_at TIMESTAMP WITH TIME ZONE, 
	last_activity_at TIMESTAMP WITH TIME ZONE, 
	use_fell_at TIMESTAMP WITH TIME ZONE, 
	delete_after TIMESTAMP WITH TIME ZONE, 
	size_bytes BIGINT, 
	limits JSONB DEFAULT '{}'::jsonb NOT NULL, 
	features JSONB DEFAULT '[]'::jsonb NOT NULL, 
	CONSTRAINT pk_tenant PRIMARY KEY (id), 
	CONSTRAINT ck_tenant_state CHECK (state IN ('free', 'provisioning', 'active', 'moving', 'restoring', 'deleting', 'deleted')), 
	CONSTRAINT ck_tenant_access CHECK (access IN ('trialing', 'active', 'grace', 'over_limit', 'read_only', 'suspended', 'closed', 'purged')), 
	CONSTRAINT ck_tenant_date_format CHECK (date_format IN ('', 'iso', 'dots', 'slashes', 'us')), 
	CONSTRAINT ck_tenant_clock CHECK (clock IN ('', '24', '12')), 
	CONSTRAINT ck_tenant_number_format CHECK (number_format IN ('', 'point', 'comma', 'space')), 
	CONSTRAINT ck_tenant_first_day CHECK (first_day IN ('', 'mon', 'sat', 'sun')), 
	CONSTRAINT ck_tenant_schema_name CHECK (schema_name ~ '^t[0-9a-z]{1,20}$'), 
	CONSTRAINT ck_tenant_slug CHECK (state NOT IN ('active', 'moving') OR slug IS NOT NULL), 
	CONSTRAINT uq_tenant_schema_name UNIQUE (schema_name), 
	CONSTRAINT uq_tenant_role_name UNIQUE (role_name)
);
CREATE INDEX ix_tenant_free ON control.tenant (created_at) WHERE state = 'free';
CREATE UNIQUE INDEX uq_tenant_slug ON control.tenant (slug) WHERE state <> 'deleted';
CREATE TABLE control.tombstone (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	request_id UUID NOT NULL, 
	what JSONB NOT NULL, 
	CONSTRAINT pk_tombstone PRIMARY KEY (id), 
	CONSTRAINT uq_tombstone_request_id UNIQUE (request_id)
);
CREATE INDEX ix_tombstone_tenant_id ON control.tombstone (tenant_id, at);
CREATE TABLE control.balance_entry (
	id UUID DEFAULT uuidv7() NOT NULL, 
	account_id UUID NOT NULL, 
	amount BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	payment_id UUID, 
	invoice_id UUID, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_balance_entry PRIMARY KEY (id), 
	CONSTRAINT fk_balance_entry_account_id FOREIGN KEY(account_id) REFERENCES control.billing_account (id)
);
CREATE INDEX ix_balance_entry_account_id ON control.balance_entry (account_id);
CREATE TABLE control.domain (
	id UUID DEFAULT uuidv7() NOT NULL, 
	host TEXT NOT NULL, 
	tenant_id UUID NOT NULL, 
	token TEXT NOT NULL, 
	verified_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	CONSTRAINT pk_domain PRIMARY KEY (id), 
	CONSTRAINT uq_domain_host UNIQUE (host), 
	CONSTRAINT fk_domain_tenant_id FOREIGN KEY(tenant_id) REFERENCES control.tenant (id)
);
CREATE TABLE control.login_token (
	token_hash BYTEA NOT NULL, 
	tenant_id UUID NOT NULL, 
	user_id UUID NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_login_token PRIMARY KEY (token_hash), 
	CONSTRAINT fk_login_token_tenant_id FOREIGN KEY(tenant_id) REFERENCES control.tenant (id) ON DELETE CASCADE
);
CREATE TABLE control.mail_index (
	mail_hash BYTEA NOT NULL, 
	tenant_id UUID NOT NULL, 
	CONSTRAINT pk_mail_index PRIMARY KEY (mail_hash, tenant_id), 
	CONSTRAINT fk_mail_index_tenant_id FOREIGN KEY(tenant_id) REFERENCES control.tenant (id) ON DELETE CASCADE
);
CREATE TABLE control.operator_session (
	id UUID DEFAULT uuidv7() NOT NULL, 
	token_hash BYTEA NOT NULL, 
	operator_id UUID NOT NULL, 
	csrf TEXT NOT NULL, 
	flashes JSONB DEFAULT '[]'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	mfa_at TIMESTAMP WITH TIME ZONE, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	ip TEXT, 
	agent TEXT, 
	CONSTRAINT pk_operator_session PRIMARY KEY (id), 
	CONSTRAINT uq_operator_session_token_hash UNIQUE (token_hash), 
	CONSTRAINT fk_operator_session_operator_id FOREIGN KEY(operator_id) REFERENCES control.operator (id) ON DELETE CASCADE
);
CREATE TABLE control.outbox_due (
	tenant_id UUID NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_outbox_due PRIMARY KEY (tenant_id, due_at), 
	CONSTRAINT fk_outbox_due_tenant_id FOREIGN KEY(tenant_id) REFERENCES control.tenant (id) ON DELETE CASCADE
);
CREATE INDEX ix_outbox_due_due_at ON control.outbox_due (due_at);
CREATE TABLE control.plan_version (
	id UUID DEFAULT uuidv7() NOT NULL, 
	plan_id UUID NOT NULL, 
	n INTEGER NOT NULL, 
	valid_from DATE NOT NULL, 
	CONSTRAINT pk_plan_version PRIMARY KEY (id), 
	CONSTRAINT uq_plan_version_plan_id_n UNIQUE (plan_id, n), 
	CONSTRAINT fk_plan_version_plan_id FOREIGN KEY(plan_id) REFERENCES control.plan (id)
);
CREATE TABLE control.run (
	id UUID DEFAULT uuidv7() NOT NULL, 
	kind TEXT NOT NULL, 
	tenant_id UUID, 
	state TEXT DEFAULT 'waiting' NOT NULL, 
	step TEXT, 
	done JSONB DEFAULT '[]'::jsonb NOT NULL, 
	data JSONB DEFAULT '{}'::jsonb NOT NULL, 
	error TEXT, 
	asked_by TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
	finished_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_run PRIMARY KEY (id), 
	CONSTRAINT ck_run_kind CHECK (kind IN ('export', 'restore', 'delete', 'provision')), 
	CONSTRAINT ck_run_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')), 
	CONSTRAINT fk_run_tenant_id FOREIGN KEY(tenant_id) REFERENCES control.tenant (id)
);
CREATE TABLE control.plan_entitlement (
	plan_version_id UUID NOT NULL, 
	feature_id UUID NOT NULL, 
	value BIGINT, 
	CONSTRAINT pk_plan_entitlement PRIMARY KEY (plan_version_id, feature_id), 
	CONSTRAINT fk_plan_entitlement_plan_version_id FOREIGN KEY(plan_version_id) REFERENCES control.plan_version (id), 
	CONSTRAINT fk_plan_entitlement_feature_id FOREIGN KEY(feature_id) REFERENCES control.feature (id)
);
CREATE TABLE control.price (
	id UUID DEFAULT uuidv7() NOT NULL, 
	plan_version_id UUID NOT NULL, 
	currency TEXT NOT NULL, 
	interval TEXT NOT NULL, 
	item TEXT DEFAULT 'seat' NOT NULL, 
	unit_amount BIGINT NOT NULL, 
	model TEXT DEFAULT 'per_seat' NOT NULL, 
	included_seats INTEGER DEFAULT 0 NOT NULL, 
	tax_behavior TEXT DEFAULT 'exclusive' NOT NULL, 
	active BOOLEAN DEFAULT true NOT NULL, 
	provider_ref JSONB DEFAULT '{}'::jsonb NOT NULL, 
	CONSTRAINT pk_price PRIMARY KEY (id), 
	CONSTRAINT ck_price_interval CHECK (interval IN ('month', 'year')), 
	CONSTRAINT ck_price_model CHECK (model IN ('flat', 'per_seat', 'flat_seat', 'tiered')), 
	CONSTRAINT ck_price_item CHECK (item IN ('seat', 'partner_seat')), 
	CONSTRAINT ck_price_unit_amount CHECK (unit_amount >= 0), 
	CONSTRAINT fk_price_plan_version_id FOREIGN KEY(plan_version_id) REFERENCES control.plan_version (id)
);
CREATE UNIQUE INDEX uq_price_offer ON control.price (plan_version_id, currency, interval, item) WHERE active;
CREATE TABLE control.subscription (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	plan_version_id UUID NOT NULL, 
	price_id UUID, 
	state TEXT NOT NULL, 
	seats_billed INTEGER NOT NULL, 
	partner_seats_billed INTEGER DEFAULT 0 NOT NULL, 
	provider TEXT DEFAULT 'manual' NOT NULL, 
	provider_sub_id TEXT, 
	provider_status TEXT, 
	anchor_day INTEGER, 
	period_start TIMESTAMP WITH TIME ZONE, 
	period_end TIMESTAMP WITH TIME ZONE, 
	trial_end TIMESTAMP WITH TIME ZONE, 
	cancel_at TIMESTAMP WITH TIME ZONE, 
	canceled_at TIMESTAMP WITH TIME ZONE, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	previous_id UUID, 
	synced_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	row_version INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_subscription PRIMARY KEY (id), 
	CONSTRAINT ck_subscription_state CHECK (state IN ('trialing', 'active', 'canceling', 'ended')), 
	CONSTRAINT ck_subscription_seats_billed CHECK (seats_billed > 0), 
	CONSTRAINT ck_subscription_partner_seats_billed CHECK (partner_seats_billed >= 0), 
	CONSTRAINT ck_subscription_ended CHECK ((state = 'ended') = (ended_at IS NOT NULL)), 
	CONSTRAINT fk_subscription_plan_version_id FOREIGN KEY(plan_version_id) REFERENCES control.plan_version (id), 
	CONSTRAINT fk_subscription_price_id FOREIGN KEY(price_id) REFERENCES control.price (id), 
	CONSTRAINT uq_subscription_provider_sub_id UNIQUE (provider_sub_id), 
	CONSTRAINT fk_subscription_previous_id FOREIGN KEY(previous_id) REFERENCES control.subscription (id)
);
CREATE INDEX ix_subscription_tenant_id ON control.subscription (tenant_id);
CREATE UNIQUE INDEX uq_subscription_live ON control.subscription (tenant_id) WHERE ended_at IS NULL;
CREATE TABLE control.invoice (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	account_id UUID NOT NULL, 
	subscription_id UUID, 
	series TEXT, 
	number TEXT, 
	kind TEXT DEFAULT 'invoice' NOT NULL, 
	status TEXT DEFAULT 'draft' NOT NULL, 
	payment_status TEXT DEFAULT 'unpaid' NOT NULL, 
	issued_on DATE, 
	supply_on DATE, 
	due_on DATE, 
	period_start TIMESTAMP WITH TIME ZONE, 
	period_end TIMESTAMP WITH TIME ZONE, 
	currency TEXT NOT NULL, 
	net BIGINT NOT NULL, 
	tax BIGINT NOT NULL, 
	gross BIGINT NOT NULL, 
	seller JSONB NOT NULL, 
	buyer JSONB NOT NULL, 
	tax_treatment TEXT NOT NULL, 
	reference TEXT, 
	locale TEXT NOT NULL, 
	notes TEXT, 
	pdf_sha256 BYTEA, 
	provider_invoice_id TEXT, 
	refers_to UUID, 
	paid_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_invoice PRIMARY KEY (id), 
	CONSTRAINT uq_invoice_series_number UNIQUE (series, number), 
	CONSTRAINT uq_invoice_subscription_id_period_start_kind UNIQUE (subscription_id, period_start, kind), 
	CONSTRAINT ck_invoice_kind CHECK (kind IN ('invoice', 'credit_note')), 
	CONSTRAINT ck_invoice_status CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')), 
	CONSTRAINT ck_invoice_payment_status CHECK (payment_status IN ('unpaid', 'partial', 'paid')), 
	CONSTRAINT ck_invoice_number CHECK ((status = 'draft') = (number IS NULL)), 
	CONSTRAINT ck_invoice_gross CHECK (gross = net + tax), 
	CONSTRAINT fk_invoice_account_id FOREIGN KEY(account_id) REFERENCES control.billing_account (id), 
	CONSTRAINT fk_invoice_subscription_id FOREIGN KEY(subscription_id) REFERENCES control.subscription (id), 
	CONSTRAINT uq_invoice_provider_invoice_id UNIQUE (provider_invoice_id), 
	CONSTRAINT fk_invoice_refers_to FOREIGN KEY(refers_to) REFERENCES control.invoice (id)
);
CREATE INDEX ix_invoice_tenant_id ON control.invoice (tenant_id, created_at DESC);
CREATE TABLE control.subscription_change (
	id UUID DEFAULT uuidv7() NOT NULL, 
	subscription_id UUID NOT NULL, 
	price_id UUID NOT NULL, 
	seats INTEGER NOT NULL, 
	partner_seats INTEGER DEFAULT 0 NOT NULL, 
	effective_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	state TEXT DEFAULT 'scheduled' NOT NULL, 
	preview JSONB DEFAULT '{}'::jsonb NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_subscription_change PRIMARY KEY (id), 
	CONSTRAINT ck_subscription_change_state CHECK (state IN ('scheduled', 'done', 'withdrawn')), 
	CONSTRAINT ck_subscription_change_partner_seats CHECK (partner_seats >= 0), 
	CONSTRAINT fk_subscription_change_subscription_id FOREIGN KEY(subscription_id) REFERENCES control.subscription (id), 
	CONSTRAINT fk_subscription_change_price_id FOREIGN KEY(price_id) REFERENCES control.price (id)
);
CREATE TABLE control.invoice_file (
	invoice_id UUID NOT NULL, 
	content BYTEA NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_invoice_file PRIMARY KEY (invoice_id), 
	CONSTRAINT fk_invoice_file_invoice_id FOREIGN KEY(invoice_id) REFERENCES control.invoice (id)
);
CREATE TABLE control.invoice_line (
	id UUID DEFAULT uuidv7() NOT NULL, 
	invoice_id UUID NOT NULL, 
	position INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	text JSONB NOT NULL, 
	period_start TIMESTAMP WITH TIME ZONE, 
	period_end TIMESTAMP WITH TIME ZONE, 
	quantity INTEGER NOT NULL, 
	unit BIGINT NOT NULL, 
	net BIGINT NOT NULL, 
	tax_rate INTEGER NOT NULL, 
	tax BIGINT NOT NULL, 
	CONSTRAINT pk_invoice_line PRIMARY KEY (id), 
	CONSTRAINT uq_invoice_line_invoice_id_position UNIQUE (invoice_id, position), 
	CONSTRAINT ck_invoice_line_kind CHECK (kind IN ('plan', 'seat', 'proration', 'usage', 'coupon', 'adjustment')), 
	CONSTRAINT fk_invoice_line_invoice_id FOREIGN KEY(invoice_id) REFERENCES control.invoice (id)
);
CREATE TABLE control.payment (
	id UUID DEFAULT uuidv7() NOT NULL, 
	tenant_id UUID NOT NULL, 
	invoice_id UUID NOT NULL, 
	amount BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	method TEXT NOT NULL, 
	received_on DATE NOT NULL, 
	provider_payment_id TEXT, 
	reversal_of UUID, 
	note TEXT, 
	recorded_by TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_payment PRIMARY KEY (id), 
	CONSTRAINT ck_payment_amount CHECK (amount <> 0), 
	CONSTRAINT ck_payment_method CHECK (method IN ('bank_transfer', 'cash', 'cheque', 'balance', 'card', 'other')), 
	CONSTRAINT fk_payment_invoice_id FOREIGN KEY(invoice_id) REFERENCES control.invoice (id), 
	CONSTRAINT uq_payment_provider_payment_id UNIQUE (provider_payment_id), 
	CONSTRAINT fk_payment_reversal_of FOREIGN KEY(reversal_of) REFERENCES control.payment (id)
);
CREATE INDEX ix_payment_invoice_id ON control.payment (invoice_id);
REVOKE UPDATE, DELETE ON control.access_event FROM tendero_control;
REVOKE UPDATE, DELETE ON control.billing_audit FROM tendero_control;
REVOKE UPDATE, DELETE ON control.billing_notice FROM tendero_control;
REVOKE UPDATE, DELETE ON control.operator_act FROM tendero_control;
CREATE TRIGGER audit_settings AFTER UPDATE OF name, hue, locale, timezone, date_format, clock, number_format, first_day, rooms_off ON control.tenant FOR EACH ROW WHEN (OLD.state = 'active' AND (OLD.name, OLD.hue, OLD.locale, OLD.timezone, OLD.date_format, OLD.clock, OLD.number_format, OLD.first_day, OLD.rooms_off) IS DISTINCT FROM (NEW.name, NEW.hue, NEW.locale, NEW.timezone, NEW.date_format, NEW.clock, NEW.number_format, NEW.first_day, NEW.rooms_off)) EXECUTE FUNCTION ext.audit_workspace();
REVOKE UPDATE, DELETE ON control.balance_entry FROM tendero_control;
CREATE OR REPLACE FUNCTION control.guard_invoice() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.status = 'draft' THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
  IF TG_OP = 'UPDATE' AND NEW.status <> 'draft' AND (OLD.pdf_sha256 IS NULL OR OLD.pdf_sha256 = NEW.pdf_sha256)
     AND to_jsonb(OLD) - array['status', 'payment_status', 'paid_at', 'pdf_sha256'] = to_jsonb(NEW) - array['status', 'payment_status', 'paid_at', 'pdf_sha256']
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION USING MESSAGE = 'an issued invoice is immutable: correct it by a credit note', ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON control.invoice FOR EACH ROW EXECUTE FUNCTION control.guard_invoice();
CREATE TRIGGER kept BEFORE TRUNCATE ON control.invoice EXECUTE FUNCTION ext.refuse_change();
REVOKE UPDATE, DELETE ON control.invoice_file FROM tendero_control;
CREATE OR REPLACE FUNCTION control.guard_invoice_line() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE kept uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.invoice_id ELSE OLD.invoice_id END;
BEGIN
  PERFORM 1 FROM control.invoice WHERE id = kept AND status <> 'draft';
  IF FOUND THEN RAISE EXCEPTION USING MESSAGE = 'an issued invoice is immutable: correct it by a credit note', ERRCODE = 'insufficient_privilege'; END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER immutable BEFORE INSERT OR UPDATE OR DELETE ON control.invoice_line FOR EACH ROW EXECUTE FUNCTION control.guard_invoice_line();
REVOKE UPDATE, DELETE ON control.payment FROM tendero_control
