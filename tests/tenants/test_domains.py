"""A tenant's own domain: served once a TXT record proves it, to nobody else before or after."""

import socketserver
import threading

import dns.message
import dns.rrset
import pytest

from core.base.errors import Refused
from tenants import domains, registry


@pytest.fixture
def nameserver():
    """A name server on loopback; `records` are its answers."""
    records: dict[str, str] = {}

    class Answer(socketserver.BaseRequestHandler):
        def handle(self):
            data, sock = self.request
            question = dns.message.from_wire(data)
            reply = dns.message.make_response(question)
            name = question.question[0].name
            text = records.get(name.to_text(omit_final_dot=True))
            if text:
                reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", f'"{text}"'))
            sock.sendto(reply.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.records = records
        yield server
        server.shutdown()


def test_a_proven_domain_leads_to_its_tenant(world, nameserver):
    name, text = domains.add_domain(world.acme.tenant, "CRM.Acme.Example.")
    assert registry.by_host("crm.acme.example") is None
    with pytest.raises(Refused, match="domain_unproven"):
        domains.verify_domain(world.acme.tenant, "crm.acme.example", nameserver=nameserver.server_address)
    nameserver.records[name] = text
    domains.verify_domain(world.acme.tenant, "crm.acme.example", nameserver=nameserver.server_address)
    assert registry.by_host("crm.acme.example").id == world.acme.tenant.id


def test_a_domain_of_another_workspace_is_not_given_away(world, nameserver):
    name, text = domains.add_domain(world.acme.tenant, "one.example")
    nameserver.records[name] = text
    domains.verify_domain(world.acme.tenant, "one.example", nameserver=nameserver.server_address)
    with pytest.raises(Refused, match="domain_taken"):
        domains.add_domain(world.globex.tenant, "one.example")


def test_an_unproven_claim_blocks_nobody_and_its_token_is_worthless(world, nameserver):
    name, squatted = domains.add_domain(world.globex.tenant, "two.example")
    _, text = domains.add_domain(world.acme.tenant, "two.example")
    nameserver.records[name] = squatted
    with pytest.raises(Refused, match="domain_unproven"):
        domains.verify_domain(world.acme.tenant, "two.example", nameserver=nameserver.server_address)
    assert text != squatted


@pytest.mark.parametrize("host", ["localhost", "acme.localhost", "x", "a b.example", "-a.example", "127.0.0.1", "ex ample.com", "a" * 300 + ".example", "https://x.example"])
def test_what_is_no_domain_of_theirs_is_refused(world, host):
    with pytest.raises(Refused, match="domain_invalid"):
        domains.add_domain(world.acme.tenant, host)
