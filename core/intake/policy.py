"""Who may build web forms, and who decides on what was held back. They go with the room of leads (core.leads.policy)."""

from core.base.policy import WRITE, Rule

PERMISSIONS = {
    "forms.manage": Rule(WRITE),
    # Let in what was held back, throw it away, write to the sender's page.
    "enquiries.decide": Rule(WRITE),
    # A stranger who fills a form in, or looks what became of it; no role needs it.
    "enquiries.send": Rule(WRITE),
}
