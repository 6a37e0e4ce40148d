"""Who may do what with leads. Simple teams go without them."""

from core.base.policy import ALWAYS, READ, WRITE, Rule, is_changeable
from core.base.rooms import RoomSwitch
from core.base.words import N_

PERMISSIONS = {
    "leads.read": Rule(READ),
    "leads.create": Rule(WRITE),
    "leads.edit": Rule(WRITE, is_changeable),
    "leads.delete": Rule(WRITE, is_changeable),
    "leads.export": Rule(ALWAYS),
    # Rules by which leads are scored, and go to somebody.
    "leads.manage": Rule(WRITE),
}
ROOM_SWITCH = RoomSwitch(
    "leads", N_("Leads"), "user-search", N_("People who may become customers: where they came from, who takes them up, what became of them. Teams that go straight to deals leave it out."),
    ("leads", "forms", "enquiries"), jobs=("leads", "enquiries"), facts=("lead", "lead_rule", "lead_assignment", "lead_clock", "lead_model", "web_form", "enquiry"), tables=("lead", "lead_rule", "lead_assignment", "lead_clock", "lead_model_use", "web_form", "enquiry"),
)
