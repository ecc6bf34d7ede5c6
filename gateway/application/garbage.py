"""When Python looks for reference cycles: rarely, and not among what lives as long as the gateway.

An exchange leaves no cycles behind, so looking for them after every few hundred new objects, as Python does by itself,
finds nothing and takes a tenth of the time.
"""

from __future__ import annotations

import gc
from typing import Final

THRESHOLDS: Final = (20_000, 20, 20)
"""New objects between two looks at the youngest; such looks between two at the middle generation, and at all."""


def settle() -> None:
    """Take all that start-up has made out of the search, and search less often; called once, when requests may come."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
