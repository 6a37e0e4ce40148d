"""Terminal: users of a tenant, their API tokens, and the operators of the platform."""

from contextlib import contextmanager
from uuid import UUID

import click
from sqlalchemy import select

from core.base.context import as_actor, make_context, system
from core.identity import actions, networks, queries, tokens
from core.identity.models import User
from core.identity.rules import normal_mail
from infra.config import settings
from tenants import entry
from workers.cli_tenants import find, password_from, who


@contextmanager
def at_work(slug: str):
    """A context of the terminal in one tenant: returning commits."""
    from billing import entitlements

    tenant = find(slug)
    with entry.enter(tenant) as session:
        yield make_context(
            session, system(who()), tenant.ref(settings().tenant_url(slug)), entry.utcnow(), locale=tenant.locale, timezone=tenant.timezone,
            entitlements=entitlements.of(tenant),
        )


def owner_id(session) -> UUID:
    """The key of the first owner."""
    return session.execute(select(User.id).where(User.is_owner).order_by(User.created_at).limit(1)).scalar_one()


def user_of(ctx, mail: str) -> User:
    found = queries.user_by_mail(ctx.session, normal_mail(mail)[1])
    if found is None:
        raise click.ClickException(f"{ctx.tenant.slug} has no user {mail}.")
    return found


@click.group()
def user() -> None:
    """People of a tenant."""


@user.command("add")
@click.argument("slug")
@click.argument("mail")
@click.option("--name", required=True)
@click.option("--role", default="sales", show_default=True, type=click.Choice(["admin", "manager", "sales", "reader"]))
@click.option("--password-stdin", is_flag=True)
def add(slug: str, mail: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a user with a password."""
    password = password_from(password_stdin)
    with at_work(slug) as ctx:
        actions.add_user(ctx, mail=mail, name=name, password=password, role=role)
    click.echo("added")


@user.command("list")
@click.argument("slug")
def list_(slug: str) -> None:
    """mail, name, role, state."""
    with at_work(slug) as ctx:
        for one in queries.users(ctx):
            click.echo(f"{one.mail}\t{one.name}\t{one.role.code}\t{one.state}{' owner' if one.is_owner else ''}")


@user.command("disable")
@click.argument("slug")
@click.argument("mail")
def disable(slug: str, mail: str) -> None:
    """Close a user's account and end all his sessions."""
    with at_work(slug) as ctx:
        actions.disable_user(ctx, user_of(ctx, mail))
    click.echo("disabled")


@user.command("lift-networks")
@click.argument("slug")
def lift_networks(slug: str) -> None:
    """Let people and API tokens in from anywhere again, where a workspace has shut itself out; its list of networks stays."""
    with at_work(slug) as ctx:
        lifted = networks.lift(ctx)
    click.echo("lifted" if lifted else "nobody was held to a network")


@click.group()
def token() -> None:
    """Keys for the API."""


@token.command("create")
@click.argument("slug")
@click.argument("mail")
@click.option("--name", default="terminal", show_default=True)
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3650))
@click.option("--allow", multiple=True, help="Narrow it to these permissions.")
def create(slug: str, mail: str, name: str, days: int, allow: tuple[str, ...]) -> None:
    """Make an API token that acts as a user; it is printed once and kept nowhere."""
    with at_work(slug) as ctx:
        acting = as_actor(ctx, queries.actor_of(user_of(ctx, mail)))
        secret, _ = tokens.make_token(acting, name=name, allowed=list(allow) or None, days=days)
    click.echo(secret)


@click.group()
def operator() -> None:
    """People who run the platform."""


@operator.command("create")
@click.argument("mail")
@click.option("--name", required=True)
@click.option("--password-stdin", is_flag=True)
def create_operator(mail: str, name: str, password_stdin: bool) -> None:
    """Add an operator; prints the address for his authenticator and the recovery codes, once."""
    from tenants import operations

    password = password_from(password_stdin)
    with entry.control() as session:
        made = operations.create_operator(session, mail=mail, name=name, password=password, now=entry.utcnow())
    click.echo(made.uri)
    click.echo("recovery codes, each good once: " + " ".join(made.codes))
