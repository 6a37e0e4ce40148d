"""One map of URLs for each kind of place: the same path may lead to another room on the apex, on a tenant's host
and on the operators' host ("/" and "/sign-in" do)."""

from flask import Flask, Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from core.base.rooms import permissions_off, switches
from infra.config import settings

KINDS = ("apex", "ops", "files", "tenant")
# Of what belongs to no room, the host of files has only the built files that its error page needs.
FILES_TOO = ("static",)


class PlacedFlask(Flask):
    """Flask that matches and builds URLs among the rules of the place that the Host names."""

    placed: dict[str, Map] | None = None
    # Rooms that are off -> the map of a tenant's host without them.
    without: dict[frozenset[str], Map]

    def __init__(self, *args, **values):
        super().__init__(*args, **values)
        self.without = {}
        self.url_map.strict_slashes = False  # whoever types an address with a slash too many or too few is let in

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        if self.placed is None:
            self.placed = {kind: self._map_of(kind) for kind in KINDS}
        return self.placed[kind_of(request.environ.get("HTTP_HOST", ""))].bind_to_environ(request.environ)

    def match_without(self, request: Request, away: frozenset[str]) -> None:
        """Match once more where rooms are off, so that their addresses are found as little as any that never was: no other
        method, no slash is told of them."""
        away = frozenset(away & switches().keys())
        found = self.without.get(away)
        if found is None:
            found = self.without[away] = self._map_of("tenant", away)
        request.routing_exception = None
        try:
            request.url_rule, request.view_args = found.bind_to_environ(request.environ).match(return_rule=True)
        except HTTPException as error:
            request.url_rule, request.view_args, request.routing_exception = None, None, error

    def _map_of(self, kind: str, away: frozenset[str] = frozenset()) -> Map:
        rules = [rule.empty() for rule in self.url_map.iter_rules() if kind in self.places_of(rule) and not self.is_away(rule.endpoint, away)]
        return Map(rules, converters=self.url_map.converters)

    def is_away(self, endpoint: str, away: frozenset[str]) -> bool:
        """Does the endpoint belong to one of these rooms: by its blueprint (`bp.room`), or by what its guard asks for?"""
        blueprint, dot, _ = endpoint.rpartition(".")
        if dot and getattr(self.blueprints[blueprint], "room", None) in away:
            return True
        guard = getattr(self.view_functions.get(endpoint), "guard", None)
        return guard is not None and guard.permission in permissions_off(away)

    def places_of(self, rule: Rule) -> tuple[str, ...]:
        """`bp.places` of the rule's blueprint, tenants' hosts by default; what has no blueprint is on all but the host of files."""
        room, dot, _ = rule.endpoint.rpartition(".")
        if dot:
            return getattr(self.blueprints[room], "places", ("tenant",))
        return KINDS if rule.endpoint in FILES_TOO else tuple(kind for kind in KINDS if kind != "files")


def kind_of(host: str) -> str:
    """The kind of place by the host's name alone; whether a tenant lives there is the door's question."""
    name, base = host.lower().rsplit(":", 1)[0].removesuffix("."), settings().base_domain
    if name in (base, f"www.{base}") or (settings().local and name == "127.0.0.1"):
        return "apex"
    return {f"ops.{base}": "ops", f"files.{base}": "files"}.get(name, "tenant")
