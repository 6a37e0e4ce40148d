"""Words of the audit: what kinds of change there are, and of what."""

from core.base.words import N_

WORDS = {
    "audit.insert": N_("Created"),
    "audit.update": N_("Changed"),
    "audit.delete": N_("Deleted"),
}

# Beside the tables: who signed in, who failed to (core.identity.sign_in_log).
SIGN_INS = "sign_in"
# What a table is called for a person; one that is not here shows its own name.
TABLES = {
    "account": N_("Account"), "contact": N_("Contact"), "contact_point": N_("Way to reach"), "postal_address": N_("Postal address"), "affiliation": N_("Role at a further account"), "reach_mark": N_("Mark of an address or number"), "pool_rules": N_("Shared pool"), "personal_fact": N_("Personal fact"), "activity": N_("Contact log"), "comment": N_("Comment"), "record_share": N_("Shared record"), "attachment": N_("File"), "consent_purpose": N_("Purpose"), "lawful_basis": N_("Lawful basis"), "subject_request": N_("Request about personal data"), "retention": N_("How long things are kept"), "mailing": N_("Mailing"), "import_run": N_("Import"), "export_run": N_("Export"), "bulk_edit": N_("Bulk edit"), "hand_over": N_("Handing over"), "handover_run": N_("Handover"), "merge_run": N_("Merge"),
    "app_user": N_("Person"), "role": N_("Role"), "user_role": N_("Further role"), "team": N_("Teams"), "team_member": N_("Team member"), "absence": N_("Absence"),
    "mail_change": N_("Change of a mail address"), "invitation": N_("Invitation"), "api_token": N_("API token"), "second_step": N_("Second step"), "passkey": N_("Passkey"), "identity_provider": N_("Single sign-on"), "user_identity": N_("Person's single sign-on"), "sign_in_rules": N_("Sign-in rules"), "suppression": N_("Blocked address"),
    "notification_setting": N_("Notifications"), "mail_wish": N_("Wish for fewer mails"), "workspace": N_("Workspace"), "starter_set": N_("Starter set"), "saved_view": N_("Saved view"), "custom_field": N_("Own field"), "date_reminder": N_("Date reminder"), "work_report": N_("Report"), "report_rules": N_("When reports are asked for"), "pipeline": N_("Pipeline"), "pipeline_team": N_("Team of a pipeline"), "deal_stage": N_("Stage of a pipeline"), "print_template": N_("Print template"), "deal": N_("Deal"), "contact_plan": N_("Contact plan"), "deal_line": N_("Line of a deal"), "deal_member": N_("Member of a deal team"), "competitor": N_("Competitor"), "deal_competitor": N_("Competitor for a deal"), "sales_target": N_("Target"), "loss_reason": N_("Reason for a loss"), "forecast_adjustment": N_("Adjusted forecast"), "lead": N_("Lead"), "lead_model_use": N_("Use of a model for leads"), "lead_rule": N_("Rule for the score of leads"), "lead_assignment": N_("Rule for the assignment of leads"), "approval": N_("Approval"), "approval_limit": N_("Limit of a role"), "approval_clock": N_("Working hours of approvals"), "lead_clock": N_("First answer"), "web_form": N_("Web form"), "enquiry": N_("Enquiry"), "quote": N_("Quote"), "quote_version": N_("Version of a quote"), "quote_line": N_("Line of a quote"), "mail_thread": N_("Conversation by mail"), "mail_message": N_("Mail"), "mail_link": N_("Record of a conversation"), "mail_attachment": N_("File of a mail"), "mail_template": N_("Template of mails"), "mail_rules": N_("Rules of mail"), "mailbox": N_("Mailbox"), "tag": N_("Tag"), "tag_change": N_("Change of a tag"),
    "product": N_("Product"), "product_unit": N_("Unit"), "product_category": N_("Category"), "tax_code": N_("Tax code"), "tax_rate": N_("Tax rate"), "currency": N_("Currency"), "exchange_rate": N_("Exchange rate"), "price_list": N_("Price list"), "price_list_line": N_("Line of a price list"), "tier_discount": N_("Discount of a tier"), "credit_standing": N_("Credit grade"), "credit_rule": N_("What follows from a credit grade"), "loyalty_standing": N_("Loyalty tier"), "agreed_terms": N_("Agreed terms"), "terms_withdrawal": N_("Withdrawal of agreed terms"),
}
