"""Terminal: tenants from moving in to moving out."""

import getpass
import sys
from pathlib import Path

import click

from core.base.errors import Refused
from tenants import entry, registry
from tenants.models import Tenant


def find(slug: str) -> Tenant:
    """The tenant of a slug; refused in one sentence where there is none."""
    with entry.control() as session:
        found = registry.by_slug(session, slug)
        if found is None:
            raise click.ClickException(f"There is no tenant named {slug}.")
        session.expunge(found)
        return found


def who() -> str:
    """Whom the records name for what the terminal did."""
    return f"terminal:{getpass.getuser()}"


def password_from(stdin: bool) -> str:
    """A password, prompted for twice or read from standard input; never an argument, which others could read."""
    if stdin:
        return sys.stdin.readline().rstrip("\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)


@click.group()
def tenant() -> None:
    """Companies that rent."""


@tenant.command("create")
@click.argument("slug")
@click.option("--company", required=True)
@click.option("--mail", required=True, help="The owner's address.")
@click.option("--name", required=True, help="The owner's name.")
@click.option("--locale", default="en", show_default=True)
@click.option("--timezone", default="UTC", show_default=True)
@click.option("--sample-data", is_flag=True)
@click.option("--password-stdin", is_flag=True)
def create(slug: str, company: str, mail: str, name: str, locale: str, timezone: str, sample_data: bool, password_stdin: bool) -> None:
    """Sign a company up, as the public page does."""
    from billing import signup
    from infra.config import settings

    made, _ = signup.sign_up(
        company=company, slug=slug, mail=mail, password=password_from(password_stdin), name=name, locale=locale, timezone=timezone,
        sample_data=sample_data, now=entry.utcnow(),
    )
    click.echo(settings().tenant_url(made.slug))


@tenant.command("list")
@click.option("--all", "everything", is_flag=True, help="Deleted and free ones too.")
def list_(everything: bool) -> None:
    """slug, state, access, schema version, size, name."""
    from tenants.models import STATES

    states = STATES if everything else ("active", "moving", "restoring", "deleting")
    with entry.control() as session:
        for row in registry.all_tenants(session, states=states):
            size = f"{(row.size_bytes or 0) // 1024} kB"
            click.echo(f"{row.slug or '-'}\t{row.state}\t{row.access}\t{row.schema_version}\t{size}\t{row.name or ''}")


@tenant.command("suspend")
@click.argument("slug")
@click.option("--reason", required=True)
def suspend(slug: str, reason: str) -> None:
    """Close a tenant's doors but for export and payment."""
    from billing import operations

    with entry.control() as session:
        operations.suspend(session, find(slug), reason=reason, by=who(), now=entry.utcnow())
    click.echo("suspended")


@tenant.command("resume")
@click.argument("slug")
def resume(slug: str) -> None:
    """Lift a suspension; what was paid decides again."""
    from billing import operations

    with entry.control() as session:
        operations.resume(session, find(slug), by=who(), now=entry.utcnow())
    click.echo("resumed")


@tenant.command("delete")
@click.argument("slug")
@click.option("--grace-days", default=30, show_default=True, type=click.IntRange(0))
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(slug: str, grace_days: int, yes: bool) -> None:
    """Close the doors now and erase after the days of grace."""
    from tenants import lifecycle

    found = find(slug)
    if not yes:
        click.confirm(f"Delete {found.name} ({slug}) after {grace_days} days?", abort=True)
    run = lifecycle.ask_deletion(found, who(), grace=lifecycle.days(grace_days))
    if grace_days == 0:
        run = lifecycle.erase(run.id)
    click.echo(f"{run.id}\t{run.state}")


@tenant.command("keep")
@click.argument("slug")
@click.option("--reason", required=True)
def keep(slug: str, reason: str) -> None:
    """Take a deletion back before its day has come; what was paid decides what they may do."""
    from billing import operations

    with entry.control() as session:
        answer = operations.keep(session, find(slug), reason=reason, by=who(), now=entry.utcnow())
    registry.forget()
    click.echo(f"kept\t{answer.state}")


@tenant.command("migrate")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 8))
@click.argument("slugs", nargs=-1)
def migrate(slugs: tuple[str, ...], workers: int) -> None:
    """Bring all tenants, or those named, to the newest schema version."""
    from tenants import migration

    only = [find(slug).schema_name for slug in slugs] or None
    report = migration.migrate_tenants(workers=workers, only=only)
    click.echo(f"{len(report.done)} migrated in {report.seconds:.1f} s")
    for schema, error in report.failed.items():
        click.echo(f"{schema}: {error}", err=True)
    if report.failed:
        raise SystemExit(1)


@tenant.command("export")
@click.argument("slug")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where to write; default: the home's exports.")
def export(slug: str, folder: Path | None) -> None:
    """Write a tenant's whole content into one file; prints its path."""
    from tenants import backup

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    click.echo(backup.export(find(slug), who(), folder=folder))


@tenant.command("restore")
@click.argument("slug")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(slug: str, archive: Path, yes: bool) -> None:
    """Put a tenant back to an archive; the data as they are now are kept aside for 7 days."""
    from tenants import backup

    found = find(slug)
    if not yes:
        click.confirm(f"Restore {found.name} ({slug}) from {archive.name}?", abort=True)
    run = backup.restore(found, archive, who())
    if run.state != "done":
        raise Refused(run.error or "run_failed")
    click.echo(f"{run.id}\t{run.state}")
    click.echo(f"What was saved until {run.data['closed_at']} lies in the schema {run.data['set_aside']} until {run.data['kept_until']}.")


@tenant.command("domain-add")
@click.argument("slug")
@click.argument("host")
def domain_add(slug: str, host: str) -> None:
    """Enter a company's own domain; prints the TXT record that its owner makes."""
    from tenants import domains

    name, text = domains.add_domain(find(slug), host)
    click.echo(f'{name} TXT "{text}"')


@tenant.command("domain-verify")
@click.argument("slug")
@click.argument("host")
def domain_verify(slug: str, host: str) -> None:
    """Look for the TXT record and open the domain."""
    from tenants import domains

    domains.verify_domain(find(slug), host)
    click.echo(f"{host} leads to {slug} now.")
