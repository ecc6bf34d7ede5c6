"""As for the client: every test runs on both event loops and leaves nothing behind."""

from tests.gateway.client.conftest import client, nothing_leaks, pytest_asyncio_loop_factories

__all__ = ["client", "nothing_leaks", "pytest_asyncio_loop_factories"]
