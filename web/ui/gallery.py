"""What the /_ui page shows: every macro with sample values. `render_template("ui_gallery.html", **context())`."""

from datetime import UTC, datetime
from decimal import Decimal

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    EmailField,
    FileField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
    widgets,
)
from wtforms.validators import Email, InputRequired, NumberRange


class Sample(Form):
    name = StringField("Company name", [InputRequired("Enter the company's name")])
    mail = EmailField("Work mail", [InputRequired("Enter a mail address"), Email("Enter a mail address such as name@company.com")], description="We send the invoice here")
    website = URLField("Website")
    account = StringField("Account")
    amount = DecimalField("Amount", [InputRequired("Enter an amount")])
    seats = IntegerField("Seats", [NumberRange(1, 500, "Choose 1 to 500 seats")])
    day = DateField("Close date", format="%Y-%m-%d")
    stage = SelectField("Stage", choices=[("new", "New"), ("proposal", "Proposal"), ("won", "Won")])
    kind = RadioField("Kind", choices=[("customer", "Customer"), ("supplier", "Supplier"), ("both", "Both")], default="customer")
    topics = SelectMultipleField("Send me", choices=[("news", "News"), ("bills", "Invoices")], option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget(prefix_label=False))
    note = TextAreaField("Note", description="Seen by your colleagues only")
    agree = BooleanField("Send a copy to the account owner")
    file = FileField("File with contacts", description="CSV or Excel, up to 20 MB")


def context() -> dict:
    """Sample values; the good form is filled, the bad form was refused."""
    now = datetime.now(UTC)
    good = Sample(name="Nordlicht Optik GmbH", mail="sofie@nordlicht.example", amount=Decimal("1234.50"), seats=12)
    bad = Sample(MultiDict({"bad-name": "", "bad-mail": "sofie@", "bad-amount": "12,x", "bad-seats": "900", "bad-stage": "gone", "bad-kind": "none"}), prefix="bad")
    bad.validate()
    people = [("Nordlicht Optik GmbH", "green", "Customer", 71200), ("北京明视科技有限公司", "blue", "Lead", 31500), ("ООО «Ясный взгляд»", "amber", "Waiting", 18300), ("한빛안경 주식회사", "red", "Overdue", 27900), ("Klarsyn A/S", "grey", "Former", 0)]
    rows = [{"id": f"a{n}", "name": name, "hue": hue, "state": state, "sum": total, "owner": "Lena Vogt", "city": "Hamburg", "at": now} for n, (name, hue, state, total) in enumerate(people)]
    more = Sample(prefix="more", name="Nordlicht Optik GmbH")
    return {"form": good, "bad": bad, "more": more, "rows": rows, "now": now}
