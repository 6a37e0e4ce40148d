"""Words of privacy: kinds and states of requests, what tables are called for people, refusals, facts."""

from core.base.words import N_

KIND_LABELS = {
    "access": N_("Wants to know what is stored"), "correct": N_("Wants it corrected"), "erase": N_("Wants to be erased"), "restrict": N_("Wants it left alone"), "object": N_("Objects to its use"),
}
STATE_LABELS = {
    "searching": (N_("Searching"), "blue"), "open": (N_("To be decided"), "amber"), "working": (N_("Under way"), "blue"), "done": (N_("Done"), "green"),
    "refused": (N_("Refused"), "grey"), "failed": (N_("Failed"), "red"),
}
WHY_LABELS = {"record": N_("The person's own record"), "linked": N_("Hangs on the record"), "address": N_("Holds the address or number"), "name": N_("Holds the name")}
TABLE_LABELS = {
    "contact": N_("Contact"), "account": N_("Account"), "activity": N_("Contact log"), "activity_participant": N_("Participant"), "activity_guest": N_("Guest"), "comment": N_("Comment"), "attachment": N_("File"), "notification": N_("Notifications"),
    "follower": N_("Followers"), "session": N_("Messages of pages"), "idempotency_key": N_("Answers to programs"), "outgoing_mail": N_("Letters"), "mailing_recipient": N_("Recipients"),
    "mailing": N_("Mailing"), "import_row": N_("Rows of imports"), "import_run": N_("Import"), "export_run": N_("Exports"), "prepared_export": N_("Exports"), "bulk_edit_row": N_("Journals of bulk edits"),
    "bulk_edit": N_("Bulk edit"), "saved_view": N_("Saved view"), "audit_entry": N_("Audit"), "fact": N_("Timeline"), "outbox": N_("Orders of jobs"), "consent": N_("Consents"),
    "contact_point": N_("Ways to reach"), "postal_address": N_("Postal address"), "affiliation": N_("Role at a further account"), "reach_mark": N_("Mark of an address or number"),
    "personal_fact": N_("Personal facts"), "stage_change": N_("Stage"), "pool_warning": N_("Shared pool"), "pool_claim": N_("Shared pool"), "duplicate_pair": N_("Duplicates"),
    "merge_run": N_("Merge"), "merge_row": N_("Merge"), "custom_unique": N_("Own field"), "import_fix": N_("Import"), "record_share": N_("Shared record"), "lawful_basis": N_("Lawful basis"),
    "lead_chance": N_("Chance of a lead"), "deal": N_("Deal"), "deal_line": N_("Line of a deal"), "deal_member": N_("Member of a deal team"), "ranking_choice": N_("Choice by a ranking"), "competitor": N_("Competitor"), "deal_competitor": N_("Competitor for a deal"), "forecast_adjustment": N_("Adjusted forecast"), "lead": N_("Lead"), "approval": N_("Approval"), "enquiry": N_("Enquiry"), "quote": N_("Quote"), "quote_version": N_("Version of a quote"), "quote_line": N_("Line of a quote"), "mail_thread": N_("Conversation by mail"), "mail_message": N_("Mail"), "mail_link": N_("Record of a conversation"), "mail_attachment": N_("File of a mail"), "mail_template": N_("Template of mails"), "mail_preference": N_("Signature and privacy of mails"), "mailbox_arrival": N_("Mail in a mailbox"), "tag": N_("Tag"), "tag_change": N_("Change of a tag"), "tag_change_row": N_("Change of a tag"), "product": N_("Product"), "price_list": N_("Price list"), "credit_standing": N_("Credit grade"), "loyalty_standing": N_("Loyalty tier"), "agreed_terms": N_("Agreed terms"), "terms_withdrawal": N_("Withdrawal of agreed terms"), "work_report": N_("Report"), "work_report_line": N_("Line of a report"),
}
WORDS = {
    "subject_request.received": N_("Request about personal data received"),
    "subject_request.extended": N_("Request about personal data extended to %(until)s"),
    "subject_request.decided": N_("Request about personal data decided"),
    "subject_request.refused": N_("Request about personal data refused"),
    "subject_request.fetched": N_("Data of a person downloaded"),
    "subject_request.erased": N_("A person was erased"),
    "retention.changed": N_("Recycle bin keeps %(days)s days instead of %(before)s"),
    "bin_days_range": N_("From %(min)s to %(max)s days."),
    "request_not_so": N_("The request is at another step by now. Look at it again."),
    "request_extended": N_("The time was extended already."),
    "nothing_ticked": N_("Tick at least one row that is about the person."),
    "request_beyond_reach": N_("A record that was ticked is not among those that you see. Have this done by somebody who sees all records."),
    "erase_meets_import": N_("An import in which the person stands is at work. Try again when it is through."),
}
