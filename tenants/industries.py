"""What the starter sets hold, as plain data: names in English, translated when a set is made or shown."""

from dataclasses import dataclass
from typing import Any

from core.base.words import N_


@dataclass(frozen=True)
class NewView:
    """A view of a list for everybody. query: as core.views.rules has it; its tag is a word of the reader's language."""

    room: str
    name: str
    query: dict[str, Any]


@dataclass(frozen=True)
class NewRole:
    """A role that begins as a copy of a built-in one."""

    name: str
    like: str


@dataclass(frozen=True)
class NewField:
    """A custom field of a room's records. kind: as core.custom_fields has them; options: of a choice, in no language."""

    room: str
    name: str
    kind: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Starter:
    """One set. off: rooms that it goes without."""

    text: str
    icon: str
    about: str
    off: tuple[str, ...] = ()
    views: tuple[NewView, ...] = ()
    roles: tuple[NewRole, ...] = ()
    fields: tuple[NewField, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The words that its views ask for."""
        return tuple(view.query["tag"] for view in self.views if "tag" in view.query)


QUIET = [["updated_at", "older", "90"]]
SUPPLIERS = NewView("accounts", N_("Suppliers"), {"role": "supplier", "columns": ["city", "country", "phone", "mail", "owner_id"]})
QUIET_CUSTOMERS = NewView("accounts", N_("Quiet for 90 days"), {"role": "customer", "where": QUIET, "columns": ["city", "phone", "owner_id", "updated_at"]})
NEW_CUSTOMERS = NewView("accounts", N_("New in the last 30 days"), {"where": [["created_at", "past", "30"]], "columns": ["role", "city", "source", "owner_id", "created_at"]})


def _tagged(name: str, tag: str, *columns: str) -> NewView:
    return NewView("accounts", name, {"tag": tag, "columns": list(columns)})


SETS: dict[str, Starter] = {
    "wholesale": Starter(
        N_("Wholesale"), "building-warehouse", N_("Regular customers, suppliers, who has gone quiet."), (),
        (_tagged(N_("Key accounts"), N_("key account"), "city", "industry", "phone", "owner_id"), SUPPLIERS, QUIET_CUSTOMERS),
        (NewRole(N_("Inside sales"), "sales"),),
        (NewField("accounts", N_("Delivery terms"), "choice", ("EXW", "FCA", "CPT", "DAP", "DDP")), NewField("accounts", N_("Delivery day"), "text")),
    ),
    "manufacturing": Starter(
        N_("Manufacturing"), "tool", N_("Customers by industry, suppliers of parts, long-running contacts."), (),
        (_tagged(N_("Parts suppliers"), N_("parts"), "city", "country", "phone", "mail"), SUPPLIERS, QUIET_CUSTOMERS),
        (NewRole(N_("Application engineer"), "service"),),
        (NewField("accounts", N_("Machines in use"), "text"), NewField("accounts", N_("Certificates"), "choices", ("ISO 9001", "ISO 14001", "ISO 45001", "IATF 16949"))),
    ),
    "services": Starter(
        N_("Services and agencies"), "briefcase", N_("People first: clients, partners, who referred whom."), ("bulk_edits",),
        (_tagged(N_("Partners"), N_("partner"), "city", "website", "owner_id"), NEW_CUSTOMERS, NewView("contacts", N_("Decision makers"), {"tag": N_("decision maker"), "columns": ["account", "job_title", "mail", "phone"]})),
        (NewRole(N_("Project lead"), "service"),), (NewField("accounts", N_("Retainer"), "yes_no"),),
    ),
    "trades": Starter(
        N_("Construction and trades"), "truck-delivery", N_("Building owners, architects, suppliers. No mailings."), ("mailings", "bulk_edits"),
        (_tagged(N_("Architects"), N_("architect"), "city", "phone", "mail"), NewView("accounts", N_("Building owners"), {"kind": "person", "role": "customer", "columns": ["city", "phone", "owner_id"]}), SUPPLIERS),
        (NewRole(N_("Site manager"), "service"),), (NewField("accounts", N_("Site address"), "text"),),
    ),
    "software": Starter(
        N_("IT and software"), "device-laptop", N_("Leads by source, users and admins at customers, mailings."), (),
        (_tagged(N_("Trials"), N_("trial"), "source", "website", "owner_id", "created_at"), NEW_CUSTOMERS, NewView("contacts", N_("Technical contacts"), {"tag": N_("technical"), "columns": ["account", "job_title", "mail"]})),
        (NewRole(N_("Customer success"), "service"),), (NewField("accounts", N_("Product version"), "text"), NewField("accounts", N_("Renewal"), "date")),
    ),
    "retail": Starter(
        N_("Retail"), "receipt", N_("Private customers, suppliers, mailings to regulars."), ("bulk_edits",),
        (_tagged(N_("Regulars"), N_("regular"), "city", "mail", "phone"), NewView("accounts", N_("Private customers"), {"kind": "person", "columns": ["city", "mail", "phone", "created_at"]}), SUPPLIERS),
        (NewRole(N_("Shop"), "service"),), (NewField("accounts", N_("Customer card"), "text"),),
    ),
}
