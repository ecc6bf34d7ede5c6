"""TrustAllManager: trusts everything, and says so when it starts."""

from gateway.objects.trust_all_manager import TrustAllManager
from tests.gateway.scripted import started


async def test_it_trusts_everything_and_warns(caplog):
    async with started(TrustAllManager.example) as manager:
        anchors = await manager.trust_anchors()
    assert anchors.trust_all
    assert "trusts every certificate" in caplog.text
