"""AllowOnlyFilter: lets a request through by who sent it, where it goes, or a condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator, Field

from config.codes import INVALID_VALUE
from config.declaration import Properties
from config.problem import problem
from config.types import ALWAYS, Condition, Pattern, Ref, Runtime, Static
from gateway.filters.base import Filter, Next
from gateway.filters.patterns import IgnoreCasePattern, matches_any
from gateway.filters.senders import Network, address, last_hop, subject_names
from gateway.handlers.base import Handler
from gateway.http.message import Response

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request


def _ports(text: str) -> range:
    first, colon, last = text.partition(":")
    try:
        ports = range(int(first), int(last if colon else first) + 1)
    except ValueError:
        ports = range(0)
    if not ports or ports[0] < 0 or ports[-1] > 65535:
        raise problem(INVALID_VALUE, f'"{text}" is no port and no range of ports', 'write "80" or "8000:8999"')
    return ports


if TYPE_CHECKING:
    Ports: TypeAlias = range
else:
    Ports = Annotated[Static[str], AfterValidator(_ports)]


class AddressRule(Properties):
    """IP addresses of a sender."""

    networks: list[Network] = Field(alias="list")
    """IPv4 and IPv6 addresses or CIDR ranges; one has to match."""
    resolver: Runtime[str] | None = None
    """The address of the sender; by default the last hop of the header Forwarded, else of X-Forwarded-For, else the
    address of the connection."""

    async def allows(self, context: Context, request: Request) -> bool:
        resolver = self.resolver
        sender = last_hop(context, request) if resolver is None else address(await resolver(context, request))
        return sender is not None and any(sender in network for network in self.networks)


class CertificateRule(Properties):
    """TLS client certificates of a sender."""

    subjectDNs: list[Pattern]
    """Patterns for the subject of the certificate; one has to match all of it."""

    def allows(self, context: Context) -> bool:
        return any(matches_any(self.subjectDNs, name) for name in subject_names(context))


class Sender(Properties):
    """A sender; the address and the certificate have to match, where both are configured."""

    ip: AddressRule | None = None
    """Its IP addresses."""
    certificate: CertificateRule | None = None
    """Its TLS client certificates."""

    async def allows(self, context: Context, request: Request) -> bool:
        if self.certificate is not None and not self.certificate.allows(context):
            return False
        return self.ip is None or await self.ip.allows(context, request)


class Destination(Properties):
    """Where a request goes; all that is configured has to match."""

    hosts: list[IgnoreCasePattern] | None = None
    """Patterns for the whole host, ignoring case; any host by default."""
    ports: list[Ports] | None = None
    """Ports such as "80" and ranges such as "8000:8999"; any port by default."""
    methods: list[Static[str]] | None = None
    """Methods; any method by default."""
    paths: list[Pattern] | None = None
    """Patterns for the whole path; any path by default."""

    def allows(self, request: Request) -> bool:
        uri = request.uri
        if self.methods is not None and request.method not in self.methods:
            return False
        if self.hosts is not None and not matches_any(self.hosts, uri.host or ""):
            return False
        if self.ports is not None:
            port = uri.effective_port
            if not any(port in ports for ports in self.ports):
                return False
        return self.paths is None or matches_any(self.paths, uri.path)


class Rule(Properties):
    """A rule; a request satisfies it if all that is configured is satisfied."""

    name: Static[str] | None = None
    """Its name in the log."""
    senders: list[Sender] | None = Field(default=None, alias="from")
    """The senders; one has to match. Any sender by default."""
    destination: list[Destination] | None = None
    """The destinations; one has to match. Any destination by default."""
    when: Condition = ALWAYS
    """What has to hold besides; nothing by default."""

    async def allows(self, context: Context, request: Request) -> bool:
        if self.destination is not None and not any(place.allows(request) for place in self.destination):
            return False
        if self.senders is not None and not await self._sent(self.senders, context, request):
            return False
        return await self.when(context, request)

    @staticmethod
    async def _sent(senders: list[Sender], context: Context, request: Request) -> bool:
        for sender in senders:
            if await sender.allows(context, request):
                return True
        return False


class AllowOnlyFilter(Filter):
    """Lets a request through only if it satisfies a rule about its sender, its destination or a condition.

    The sender is the last hop in front of the gateway. An address that cannot be read, and a certificate that is not
    there, match nothing.
    """

    rules: list[Rule]
    """The rules; one has to be satisfied."""
    failureHandler: Ref[Handler] | None = None
    """What answers the other requests; 401 with an empty body by default."""

    example: ClassVar = {
        "type": "AllowOnlyFilter",
        "config": {
            "rules": [
                {
                    "name": "office",
                    "from": [{"ip": {"list": ["10.1.0.0/16", "::1"]}}],
                    "destination": [
                        {
                            "hosts": ["api\\.example\\.com"],
                            "ports": ["443", "8000:8999"],
                            "methods": ["GET"],
                            "paths": ["/v1/.*"],
                        }
                    ],
                },
                {"name": "probe", "when": "${request.headers['x-probe'][0] == 'yes'}"},
            ]
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.rules:
            yield "rules", "no request can satisfy an empty list of rules", "add a rule"

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        log = self.log.getChild(self.object_name)
        for number, rule in enumerate(self.rules, 1):
            if await rule.allows(context, request):
                log.debug("the rule %s allows the request", rule.name or number)
                return await next(context, request)
        log.info("no rule allows the request")
        if self.failureHandler is not None:
            return await self.failureHandler.handle(context, request)
        return Response(401)
