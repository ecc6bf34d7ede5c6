"""Names in URLs."""

import pytest

from gateway.routing.names import slug


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("My Router", "my-router"),
        ("00-uma", "00-uma"),
        ("_router", "_router"),
        ("Éléphant à Paris", "elephant-a-paris"),
        ("  a //b - c!? ", "a-b-c"),
        ("10.home", "10home"),
        ("", ""),
    ],
)
def test_a_name_in_its_form_for_urls(name, text):
    assert slug(name) == text
