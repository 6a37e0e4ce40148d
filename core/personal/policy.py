"""Who may know, and write down, what is known of a person; beside that it takes what the contact itself takes."""

from core.base.policy import READ, WRITE, Rule, is_changeable

PERMISSIONS = {
    "personal_facts.read": Rule(READ),
    "personal_facts.write": Rule(WRITE, is_changeable),
}
