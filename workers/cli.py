"""The operator's terminal, `python -m workers.cli` (or bin/tendero): the same use cases as the web's.

A refusal or a wrong setting is one sentence on stderr and exit code 2; nothing is half-done.
"""

import json
import sys

import click

from core.base.errors import Refused
from core.base.registry import collect_words
from infra import i18n
from infra.config import ConfigError, settings
from infra.db import NoScope
from workers import cli_people, cli_tenants


class Terminal(click.Group):
    """Turns what the middle refuses into one sentence."""

    def invoke(self, ctx):
        from sqlalchemy.exc import OperationalError

        try:
            settings()
            return super().invoke(ctx)
        except Refused as refusal:
            raise Said(sentence(refusal)) from None
        except (ConfigError, NoScope) as error:
            raise Said(str(error)) from None
        except OperationalError as error:
            raise Said(f"The database can't be reached: {str(error.orig).splitlines()[0]}") from None


class Said(click.ClickException):
    """One sentence, exit code 2."""

    exit_code = 2


def sentence(refusal: Refused) -> str:
    """A refusal in English, with the field it is about."""
    import billing.words
    import tenants.words

    words = {**collect_words(), **tenants.words.WORDS, **billing.words.WORDS}
    said = i18n.gettext("en", words[refusal.code], **refusal.params) if refusal.code in words else refusal.code
    return f"{refusal.field}: {said}" if refusal.field else said


@click.group(cls=Terminal)
def main() -> None:
    """Tendero: what an operator does without a browser."""


main.add_command(cli_tenants.tenant)
main.add_command(cli_people.user)
main.add_command(cli_people.token)
main.add_command(cli_people.operator)


@main.command("fonts")
def bring_fonts() -> None:
    """Bring the print fonts for Chinese and Korean; quick when they are there."""
    from infra import fonts

    raise SystemExit(fonts.main([str(settings().fonts_dir)]))


@main.command("fitting")
def bring_fitting() -> None:
    """Bring what fits models to leads; quick when it is there."""
    from infra import bootstrap

    bootstrap.bring("fit")


@main.command()
@click.option("--ready", default=3, show_default=True, help="Free schemas to keep ready.")
def prepare(ready: int) -> None:
    """Make cluster and control schema ready, migrate all tenants, fill the pool. Safe to repeat."""
    import os

    from billing import plans
    from infra.db import database
    from tenants import cluster, entry, migration, provisioning

    admin = os.environ.get("DATABASE_ADMIN_URL")
    if admin:
        cluster.prepare_cluster(admin)
    migration.migrate_control()
    with entry.control() as session:
        plans.load(session)
    report = migration.migrate_tenants()
    if report.failed:
        raise Said(f"{len(report.failed)} tenants could not be migrated: {json.dumps(report.failed)}")
    made = sum(provisioning.fill_pool(ready, name) for name in database().names())
    click.echo(f"ready: {len(report.done)} tenants migrated, {made} schemas made")


@main.command()
def demo() -> None:
    """Make the demo tenant where it is missing; prints address and sign-ins as JSON. Not in production."""
    from workers import demo as scene

    if settings().production:
        raise Said("The demo has well-known passwords: it is not made in production.")
    click.echo(json.dumps(scene.make()))


@main.command()
@click.argument("slug")
def seed(slug: str) -> None:
    """Fill a tenant with the sample company, by order of a job. Development only; once per tenant."""
    from core.base.outbox import Order, defer_row
    from tenants import entry

    if settings().production:
        raise Said("Sample data is for development: a customer asks for it at sign-up.")
    with entry.enter(cli_tenants.find(slug)) as session:
        owner = cli_people.owner_id(session)
        args = {"user_id": owner, "locale": cli_tenants.find(slug).locale}
        left = defer_row(session, Order, "samples.fill", now=entry.utcnow(), due_at=None, queue=None, dedupe="first", asked_by=None, args=args)
    click.echo("ordered" if left else "sample data was ordered before")


@main.command()
@click.argument("queues", nargs=-1, type=click.Choice(["mail", "default", "bulk"]))
def worker(queues: tuple[str, ...]) -> None:
    """Run the workers until SIGTERM."""
    from workers.main import main as run

    sys.exit(run(list(queues)))


@main.command()
def scheduler() -> None:
    """Run relay, sweep and schedule until SIGTERM."""
    from workers.clock import main as run

    sys.exit(run())


@main.group()
def outbox() -> None:
    """Orders that failed or were parked."""


@outbox.command("list")
@click.option("--state", default="parked", type=click.Choice(["waiting", "running", "done", "failed", "parked"]), show_default=True)
@click.option("--tenant", "slug", help="Only this tenant; \"control\" for the landlord's own.")
def outbox_list(state: str, slug: str | None) -> None:
    """Orders in a state: place, key, name, attempts, error."""
    from workers import orders

    for place, row in orders.listed(state, slug):
        click.echo(f"{place}\t{row.id}\t{row.name}\t{row.attempts}\t{row.error or ''}")


@outbox.command("retry")
@click.argument("slug")
@click.argument("order_id", type=click.UUID)
def outbox_retry(slug: str, order_id) -> None:
    """Run a failed or parked order once more from the beginning."""
    from workers import orders

    if not orders.retry(slug, order_id):
        raise Said("There is no failed or parked order with this key.")
    click.echo("waiting")


if __name__ == "__main__":
    main()
