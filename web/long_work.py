"""Long work (an import, a bulk edit, a merge, a change of a tag) as every room shows it: how far it is, and going on with what broke off."""

from collections.abc import Callable, Container
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for

from core.base.context import Context
from web.guard import needs
from web.pages import progress_page, see_other


def add_pages(
    bp: Blueprint, rule: str, *, reads: str, runs: str, one: Callable[[Context, UUID], Any], go_on: Callable[[Context, Any], Any], moving: Container[str], template: str,
    words: Callable[[Context], dict[str, Any]], result: str = "show",
) -> None:
    """Give a room the pages `progress` and `create_resumption` below the address of its work. reads, runs: permissions. one: finds the
    work, as far as the actor may know of it. moving: states in which it goes on. result: the page of what became of it."""

    @bp.get(f"{rule}/progress")
    @needs(reads)
    def progress(ctx: Context, id: UUID):
        """How far it is, asked again every two seconds; at the end it sends the browser to the result."""
        run = one(ctx, id)
        return progress_page(template, run.state in moving, url_for(f"{bp.name}.{result}", id=id), run=run, **words(ctx))

    @bp.post(f"{rule}/resumption")
    @needs(runs)
    def create_resumption(ctx: Context, id: UUID):
        """Go on with what broke off."""
        go_on(ctx, one(ctx, id))
        return see_other(f"{bp.name}.{result}", id=id)
