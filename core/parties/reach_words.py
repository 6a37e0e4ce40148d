"""Words for the ways to reach somebody: labels, services, reasons, and what timelines call them."""

from core.base.words import N_

# Kind -> what may be chosen as a label; anything else may be typed.
LABELS_OF = {
    "mail": ("work", "home", "billing", "support", "other"), "phone": ("work", "mobile", "home", "switchboard", "fax", "other"), "messenger": ("work", "home", "other"),
    "address": ("billing", "delivery", "visit", "home", "other"),
}
LABEL_WORDS = {
    "work": N_("At work"), "home": N_("Private"), "mobile": N_("Mobile"), "fax": N_("Fax"), "billing": N_("Billing"), "support": N_("Support"), "switchboard": N_("Switchboard"),
    "delivery": N_("Delivery"), "visit": N_("Visitors"), "other": N_("Other"),
}
SERVICE_WORDS = {
    "whatsapp": "WhatsApp", "telegram": "Telegram", "wechat": N_("WeChat"), "kakaotalk": N_("KakaoTalk"), "line": "LINE", "signal": "Signal", "viber": "Viber", "skype": "Skype",
    "other": N_("Other messenger"),
}
KIND_WORDS = {"mail": N_("Mail address"), "phone": N_("Phone"), "messenger": N_("Messenger"), "address": N_("Postal address")}
INVALID_WORDS = {"bounced": N_("Mail came back"), "wrong": N_("Wrong address or number"), "left": N_("Person has left")}
REACH_LABELS = {
    "further_mail": N_("a further mail address"), "further_phone": N_("a further phone number"), "further_messenger": N_("a messenger"), "further_address": N_("a postal address"),
    "the_mail": N_("a mail address"), "the_phone": N_("a phone number"),
}
REACH_WORDS = {
    "point_there": N_("This is there already."),
    "too_many_points": N_("A record can have %(max)s further entries of one kind."),
    "affiliated_there": N_("This person is at that account already."),
    "ends_before": N_("The end lies before the beginning."),
    "address_empty": N_("Write at least a street, a postcode or a city."),
    "unsubscribed_himself": N_("This person unsubscribed. Only they can subscribe again."),
    "reach.added": N_("%(actor)s added %(fields)s of %(name)s"),
    "reach.edited": N_("%(actor)s changed %(fields)s of %(name)s"),
    "reach.removed": N_("%(actor)s removed %(fields)s of %(name)s"),
    "reach.restored": N_("%(actor)s brought back %(fields)s of %(name)s"),
    "reach.no_mailings": N_("%(actor)s noted: no advertising by mail to %(name)s"),
    "reach.mailings_again": N_("%(actor)s noted: advertising by mail to %(name)s is welcome again"),
    "reach.no_calls": N_("%(actor)s noted: do not call %(name)s under one of the numbers"),
    "reach.calls_again": N_("%(actor)s noted: %(name)s may be called again"),
    "reach.invalid": N_("%(actor)s marked %(fields)s of %(name)s as no longer good"),
    "reach.valid": N_("%(actor)s marked %(fields)s of %(name)s as good again"),
    "reach.bounced": N_("A mail to %(name)s came back: the address is marked as no longer good"),
    "affiliation.added": N_("%(actor)s noted a further role of %(name)s"),
    "affiliation.edited": N_("%(actor)s changed a further role of %(name)s"),
    "affiliation.removed": N_("%(actor)s removed a further role of %(name)s"),
    "affiliation.restored": N_("%(actor)s brought back a further role of %(name)s"),
}
