"""Fixtures of the tests of secret stores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from expr.scope import implicit


@pytest.fixture
def variables() -> Iterator[dict[str, str]]:
    """Environment variables of the test alone."""
    before = implicit.env
    implicit.env = env = {}
    yield env
    implicit.env = before
