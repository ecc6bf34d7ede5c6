"""Codes of what a router reports about its directory and routes."""

from expr.diagnostic import Code, declare

NO_DIRECTORY = declare(Code("GW308", "no-route-directory", "the directory of a router that does not exist"))
ROUTE_NOT_UNIQUE = declare(
    Code("GW309", "route-not-unique", "a route whose id or name is reserved or taken by another route of its router")
)
ROUTE_NOT_BUILT = declare(
    Code("GW311", "route-not-built", "a route whose objects could not be built or started, for a reason of their own")
)
