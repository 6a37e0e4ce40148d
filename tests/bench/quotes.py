"""Quotes: what sixty lines cost to price and to save, the page and the editor, sending, what waits for a yes, and the paper warm and cold."""

from uuid import uuid4

from core.approvals import queries as requests
from core.documents import rendering
from core.parties import actions as parties
from core.products import actions as products
from core.products import price_lists, pricing
from core.products.models import Product
from core.products.pricing import Customer
from core.quotes import approving, drafting, lining, queries, sending
from core.quotes.paper import paper_of
from infra import pdf
from tests.bench.figures import Aim, race
from tests.bench.pages import look
from tests.bench.requests import Visitor

LINES = 60


def measure(ground, subject) -> None:
    with ground.big.ctx("owner") as ctx:
        key = written(ctx)
    with ground.big.ctx("owner") as ctx:
        quote = queries.one_quote(ctx, key)
        draft, lines = queries.draft_of(ctx, quote), queries.lines_of(ctx, queries.draft_of(ctx, quote))
        things = [(ctx.session.get(Product, line.product_id), line.quantity) for line in lines]
        rows = [{"id": str(line.id), "product_id": str(line.product_id), "name": line.name, "quantity": "2"} for line in lines]
        price, save, needs, inbox, paper = race(
            15, lambda: pricing.prices_of(ctx, things, on=ctx.tenant_today, currency=draft.currency, customer=Customer(quote.account_id)), lambda: lining.save_lines(ctx, quote, rows),
            lambda: approving.wanted(ctx, quote, draft), lambda: requests.waiting(ctx), lambda: rendering.pdf(ctx, paper_of(ctx, draft)),
        )
        cold = race(3, lambda: printed_cold(ctx, draft), warm=0)[0]
    subject.add("prices of 60 lines", price, "ms", aim=Aim())
    subject.add("60 lines saved", save, "ms", aim=Aim())
    subject.add("what of them needs a yes", needs, "ms", aim=Aim())
    subject.add("what waits for my yes", inbox, "ms", aim=Aim())
    subject.add("quote PDF from the record, warm", paper, "ms", aim=Aim(most=60))
    subject.add("the same, cold", cold, "ms", aim=Aim())
    owner = Visitor.signed_in(ground.app, ground.big, "owner")
    look(ground, subject, owner, "a quote of 60 lines", f"/quotes/{key}", Aim(most=50))
    look(ground, subject, owner, "its editor", f"/quotes/{key}/lines", Aim())
    look(ground, subject, owner, "what waits for my yes, as a page", "/approvals", Aim(most=40))
    with ground.big.ctx("owner") as ctx:
        subject.add("a quote of 60 lines sent", sent_in(ctx), "ms", aim=Aim())


def written(ctx):
    """A draft of sixty lines over sixty products, each in a price list and quoted to this customer before; its key."""
    tag = uuid4().hex[:6]
    account = parties.create_account(ctx, name=f"Bench {tag}", owner_id=None)
    made = [products.create_product(ctx, code=f"B{tag}{number}", name=f"Bench {number}", price=str(10 + number), cost=str(5 + number)) for number in range(LINES)]
    ctx.session.flush()
    book = price_lists.add_list(ctx, name=f"Bench {tag}", currency=ctx.tenant.currency)
    for one in made:
        price_lists.add_line(ctx, book, what="product", product_id=one.id, way="discount", value="5", from_quantity="2")
    before, quote = (_quote(ctx, f"Bench {tag}{times}", account, made) for times in (1, 2))
    sending.send_quote(ctx, before)
    return quote.id


def _quote(ctx, name, account, made):
    quote = drafting.create_quote(ctx, name=name, account_id=account.id)
    lining.save_lines(ctx, quote, [{"product_id": str(one.id), "quantity": "3", "discount": "4"} for one in made])
    return quote


def printed_cold(ctx, draft) -> None:
    pdf._press.stop()
    rendering.pdf(ctx, paper_of(ctx, draft))


def sent_in(ctx):
    """One after the other: a version is sent once."""
    keys = iter([written(ctx) for _ in range(6)])
    return race(5, lambda: sending.send_quote(ctx, queries.one_quote(ctx, next(keys))), warm=1)[0]
