"""Codes of what a router reports about its directory and routes."""

from config.codes import ROUTE_NOT_UNIQUE
from expr.diagnostic import Code, declare

__all__ = ["NO_DIRECTORY", "ROUTE_NOT_BUILT", "ROUTE_NOT_UNIQUE"]

NO_DIRECTORY = declare(
    Code(
        "GW308",
        "no-route-directory",
        "the directory of a router that does not exist",
        "The router would have no routes. Make the directory, or set `directory` to where the routes "
        "are; without it they are in config/routes of the instance directory.",
    )
)
ROUTE_NOT_BUILT = declare(
    Code(
        "GW311",
        "route-not-built",
        "a route whose objects could not be built or started, for a reason of their own",
        "The configuration is right, and something that an object needs is not there: a file, a port, a "
        "library. The message has its reason; the route's last good version stays in force.",
    )
)
