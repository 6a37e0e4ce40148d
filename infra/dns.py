"""Questions to the domain name system: what a name's TXT records say."""

import dns.exception
import dns.resolver


def txt_records(name: str, *, nameserver: tuple[str, int] | None = None, seconds: float = 4.0) -> list[str]:
    """The texts under a name; none where it does not exist or nobody answers in time.

    nameserver: (address, port) to ask in place of the machine's own resolvers.
    """
    resolver = dns.resolver.Resolver(configure=nameserver is None)
    if nameserver is not None:
        resolver.nameservers, resolver.port = [nameserver[0]], nameserver[1]
    try:
        answer = resolver.resolve(name, "TXT", lifetime=seconds)
    except dns.exception.DNSException:
        return []
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
