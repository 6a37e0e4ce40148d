"""One map of URLs for each kind of place: the same path may lead to another room on the apex, on a tenant's host
and on the operators' host ("/" and "/sign-in" do)."""

from flask import Flask, Request
from werkzeug.routing import Map, MapAdapter, Rule

from infra.config import settings

KINDS = ("apex", "ops", "files", "tenant")


class PlacedFlask(Flask):
    """Flask that matches and builds URLs among the rules of the place that the Host names."""

    placed: dict[str, Map] | None = None

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        if request is None:
            return super().create_url_adapter(request)
        if self.placed is None:
            self.placed = {kind: self._map_of(kind) for kind in KINDS}
        return self.placed[kind_of(request.environ.get("HTTP_HOST", ""))].bind_to_environ(request.environ)

    def _map_of(self, kind: str) -> Map:
        return Map([rule.empty() for rule in self.url_map.iter_rules() if kind in self.places_of(rule)], converters=self.url_map.converters)

    def places_of(self, rule: Rule) -> tuple[str, ...]:
        """`bp.places` of the rule's blueprint, tenants' hosts by default; what has no blueprint is everywhere."""
        room, dot, _ = rule.endpoint.rpartition(".")
        return getattr(self.blueprints[room], "places", ("tenant",)) if dot else KINDS


def kind_of(host: str) -> str:
    """The kind of place by the host's name alone; whether a tenant lives there is the door's question."""
    name, base = host.lower().rsplit(":", 1)[0].removesuffix("."), settings().base_domain
    if name in (base, f"www.{base}") or (settings().local and name == "127.0.0.1"):
        return "apex"
    return {f"ops.{base}": "ops", f"files.{base}": "files"}.get(name, "tenant")
