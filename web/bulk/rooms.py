"""What bulk edits need of the pages of each room: its form, what may not be emptied, how its values are said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.base.context import Context
from core.base.words import N_
from core.deals.words import FORECAST_LABELS
from core.deals.words import LABELS as DEAL_LABELS
from core.leads.words import LABELS as LEAD_LABELS
from core.parties.words import LABELS
from core.products.words import LABELS as PRODUCT_LABELS
from infra import i18n
from web.deals.forms import DealForm
from web.leads.forms import LeadForm
from web.leads.record import said_source
from web.parties.forms import AccountForm, ContactForm, RoomForm
from web.products.forms import ProductForm

PARTIES = ("accounts", "contacts")  # their pages stood before the others' and say values in their own way
# Message ids about one record, and about several.
Counted = tuple[str, str]


@dataclass(frozen=True)
class Room:
    """title: of its list. chosen, change, delete: how many are chosen, and the two buttons that say yes. links: fields that name a record
    -> where their choices come from. never_empty: fields that always say something. says: field -> a value in words, where the history's
    words are not enough. why: what is said otherwise of those that are left out."""

    form: type[RoomForm]
    labels: Mapping[str, str]
    title: str
    chosen: Counted
    change: Counted
    delete: Counted
    links: Mapping[str, str] = field(default_factory=dict)
    never_empty: frozenset[str] = frozenset({"name"})
    says: Mapping[str, Callable[[Context, Any], str]] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


ROOMS: dict[str, Room] = {
    "accounts": Room(
        AccountForm, LABELS, N_("Accounts"), (N_("1 account chosen"), N_("%(count)s accounts chosen")), (N_("Change 1 account"), N_("Change %(count)s accounts")),
        (N_("Delete 1 account"), N_("Delete %(count)s accounts")), links={"parent_id": "accounts.options"}, never_empty=frozenset({"name", "kind", "is_customer", "is_supplier"}),
    ),
    "contacts": Room(
        ContactForm, LABELS, N_("Contacts"), (N_("1 contact chosen"), N_("%(count)s contacts chosen")), (N_("Change 1 contact"), N_("Change %(count)s contacts")),
        (N_("Delete 1 contact"), N_("Delete %(count)s contacts")), links={"account_id": "accounts.options", "referred_by_id": "contacts.options"},
    ),
    "deals": Room(
        DealForm, DEAL_LABELS, N_("Deals"), (N_("1 deal chosen"), N_("%(count)s deals chosen")), (N_("Change 1 deal"), N_("Change %(count)s deals")),
        (N_("Delete 1 deal"), N_("Delete %(count)s deals")), links={"account_id": "accounts.options", "contact_id": "contacts.options"}, never_empty=frozenset({"name", "currency"}),
        says={"forecast": lambda ctx, word: i18n.gettext(ctx.locale, FORECAST_LABELS[word])},
    ),
    "leads": Room(
        LeadForm, LEAD_LABELS, N_("Leads"), (N_("1 lead chosen"), N_("%(count)s leads chosen")), (N_("Change 1 lead"), N_("Change %(count)s leads")),
        (N_("Delete 1 lead"), N_("Delete %(count)s leads")), says={"source": lambda ctx, word: said_source(word)},
    ),
    "products": Room(
        ProductForm, PRODUCT_LABELS, N_("Products"), (N_("1 product chosen"), N_("%(count)s products chosen")), (N_("Change 1 product"), N_("Change %(count)s products")),
        (N_("Delete 1 product"), N_("Delete %(count)s products")), links={"successor_id": "products.options"}, never_empty=frozenset({"state"}), why={"circle": N_("Would take their own place")},
    ),
}
