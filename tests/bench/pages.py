"""Pages of the large tenant as finished HTML through the real application in this process. The floor of each is its
own statements, sent by bare psycopg in the same transactions and fetched."""

from sqlalchemy import text

from core.parties import queries
from tests.bench.figures import Aim, Timed, race
from tests.bench.requests import Visitor, recorded, run

FLOOR = "bare psycopg sending the page's own statements"
SEARCHES = (("Latin letters", "üller"), ("Cyrillic", "иван"), ("two Chinese characters", "王-"), ("Korean", "서연"), ("a mail address", "person777@"),
            ("nobody", "qqzzxx"))


def measure(ground, subject) -> None:
    owner, rep = (Visitor.signed_in(ground.app, ground.big, who) for who in ("owner", "rep"))
    first = look(ground, subject, owner, "contacts, page 1", "/contacts", Aim(most=10, times=5))
    cursor = five_hundredth(ground)
    look(ground, subject, owner, f"contacts, page {1 + pages_before(ground)}", f"/contacts?cursor={cursor}", Aim(most=max(10, 1.3 * first.median), times=5))
    look(ground, subject, owner, "accounts, page 1", "/accounts", Aim(most=10, times=5))
    look(ground, subject, owner, "accounts, by last change", "/accounts?sort=changed", Aim(most=10, times=5))
    look(ground, subject, rep, "contacts, page 1, as a salesperson", "/contacts", Aim(most=10, times=5))
    for what, words in SEARCHES:
        look(ground, subject, owner, f"search: {what}", f"/contacts?q={words}", Aim(most=20))
    look(ground, subject, rep, "search as a salesperson", "/contacts?q=üller", Aim(most=20))
    look(ground, subject, owner, "palette: accounts and contacts", "/palette?q=nordl", Aim(most=25))
    account = some_account(ground)
    look(ground, subject, owner, "account with timeline", f"/accounts/{account}", Aim(most=20))
    look(ground, subject, owner, "account, its preview", f"/accounts/{account}", Aim(most=20), **{"HX-Request": "true", "HX-Target": "aside#peek"})
    look(ground, subject, owner, "home", "/", Aim(most=50))
    look(ground, subject, owner, "form of a new account", "/accounts/new", Aim(most=10))


def look(ground, subject, visitor: Visitor, name: str, path: str, aim: Aim, **headers: str) -> Timed:
    """One page: its time beside its floor, and how many statements it sends."""
    extra = {f"HTTP_{key.upper().replace('-', '_')}": value for key, value in headers.items()}
    environ = visitor.prepared(path) | extra

    def page():
        answer = run(ground.app, dict(environ))
        assert answer.status == 200, (path, answer.status, answer.body[-500:])
        return answer

    page()
    with recorded() as statements:
        answer = page()
    bare = statements.reads()
    ours, floor = race(ground.size(100), page, lambda: bare.replay(ground.floor), warm=6)
    subject.add(name, ours, "ms", floor=floor, floor_is=FLOOR, aim=aim)
    subject.add("  its statements", len(statements), "")
    if len(bare) < len(statements):
        subject.note(f"{name} writes {len(statements) - len(bare)} times though it is only read")
    if len(answer.body) > 200_000:
        subject.note(f"{name} is {len(answer.body) // 1000} kB of HTML")
    return ours


def pages_before(ground) -> int:
    """How many pages lie before the one far down: 499, or as many as a quick run has."""
    return min(499, ground.size(100_000) // queries.PAGE_SIZE - 2)


def five_hundredth(ground) -> str:
    """The cursor of the page far down, come to as a person would: page by page, only with larger ones."""
    with ground.big.ctx("owner") as ctx:
        left, cursor = pages_before(ground) * queries.PAGE_SIZE, None
        while left:
            took = min(200, left)
            cursor = queries.contacts(ctx, cursor=cursor, limit=took).next
            left -= took
        return cursor


def some_account(ground) -> str:
    """One with five people and a log."""
    with ground.big.ctx("owner") as ctx:
        query = "SELECT account_id FROM contact GROUP BY account_id HAVING count(*) = 5 ORDER BY account_id LIMIT 1 OFFSET 50"
        return str(ctx.session.execute(text(query)).scalar_one())
