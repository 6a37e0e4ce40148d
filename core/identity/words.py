"""Words for refusals and facts about people who sign in."""

from core.base.words import N_

WORDS = {
    "sign_in_failed": N_("Mail address or password is not right."),
    "password_short": N_("Use at least %(min)s characters."),
    "password_long": N_("Use at most %(max)s characters."),
    "password_known": N_("This password is in lists of stolen passwords. Choose another one."),
    "password_wrong": N_("The present password is not right."),
    "mail_taken": N_("A user with this mail address exists already."),
    "seats_full": N_("All %(limit)s seats of your plan are taken. Buy a seat or free one first."),
    "last_admin": N_("Someone must be able to administer the workspace: this is the last administrator."),
    "owner_stays": N_("This person signed the workspace up. Only they can give their own access away."),
    "unknown_permission": N_("There is no permission named %(name)s."),
    "user.created": N_("%(actor)s added the user %(name)s"),
    "user.disabled": N_("%(actor)s disabled the user %(name)s"),
    "user.role_changed": N_("%(actor)s gave %(name)s the role %(role)s"),
    "token.created": N_("%(actor)s made the API token %(name)s"),
}
