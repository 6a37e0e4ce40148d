"""Words of mailboxes: refusals, facts, what went wrong and what to do, how their lists are named."""

from core.base.words import N_

WORDS = {
    "mailbox_host": N_("This is no name of a server, such as imap.example.com."),
    "mailbox_trusted": N_("This is one word, such as mx.example.com."),
    "mailbox_password_again": N_("Type the password again: the stored one is not sent to another server."),
    "mailbox_stopped": N_("This mailbox is stopped. Have it go on first."),
    "mailbox_blocked": N_("Mails of this domain are not taken. Change that in the settings of mail first."),
    "mailbox_nobody": N_("Nobody can be read as the sender of this mail."),
    "mailbox_erased": N_("Somebody whom this mail names was erased, and its bytes with him: it can only be put aside."),
    "mailbox.made": N_("%(actor)s set up the mailbox %(name)s"),
    "mailbox.edited": N_("%(actor)s changed the mailbox %(name)s"),
    "mailbox.stopped": N_("%(actor)s stopped the mailbox %(name)s"),
    "mailbox.went_on": N_("%(actor)s had the mailbox %(name)s go on"),
    "mailbox.held": N_("The mailbox %(name)s was stopped after a restore"),
    "mailbox.removed": N_("%(actor)s removed the mailbox %(name)s"),
    "mailbox.put_aside": N_("%(actor)s put a mail of the mailbox %(name)s aside"),
    "mailbox.lead_made": N_("%(actor)s made a lead of a mail of the mailbox %(name)s"),
    "lead.unverified": N_("Nobody proves that the mail of %(name)s came from there"),
    "told.mailbox_login": N_("The mailbox %(mailbox)s does not take its password any more"),
    "told.mailbox_failed": N_("The mailbox %(mailbox)s can't be read"),
    "told.mail_kept": N_("A mail in the mailbox %(mailbox)s could not be taken. It is kept there"),
}

LABELS = {
    "name": N_("Name"), "purpose": N_("What becomes of its mails"), "owner_id": N_("Who gets its mails"), "host": N_("Server"), "port": N_("Port"), "username": N_("User name"), "password": N_("Password"),
    "trusted": N_("Server that proves senders"), "since": N_("Mails since"), "folders": N_("Folders"),
}
PURPOSE_LABELS = {"mail": N_("Correspondence"), "leads": N_("Whoever writes becomes a lead")}
STATE_LABELS = {"on": N_("Is being read"), "stopped": N_("Stopped"), "held": N_("Waits after a restore")}
# What went wrong, and what to do.
ERRORS = {
    "login": N_("The server does not take this user name and password. Type the password again; many providers want one that is made for programs."),
    "address": N_("Only port 993 of a named server is called."),
    "unknown": N_("No server has this name."),
    "inside": N_("This server does not stand on the internet."),
    "certificate": N_("The server can't prove that it is this one: its certificate is not valid."),
    "silent": N_("The server does not answer, or broke off. It is tried again by itself."),
    "gone": N_("A folder is not there any more."),
    "protocol": N_("The server answers something that no mail server should. It is tried again by itself."),
    "broken": N_("Something went wrong here. It is tried again by itself."),
}
ARRIVAL_LABELS = {
    "left": N_("A program wrote it, or nobody: nothing was made of it"), "unverified": N_("Nobody proves its sender, and there is a lead of that address already"),
    "too_large": N_("Too large: only its beginning was fetched, it lies in the mailbox"), "unreadable": N_("It could not be opened"),
}
