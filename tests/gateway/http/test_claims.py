from gateway.http.claims import Claims


def test_an_audience_is_a_list_whatever_the_token_has():
    assert Claims(aud="a").audience() == ["a"]
    assert Claims(aud=["a", "b"]).audience() == ["a", "b"]
    assert Claims().audience() == []


def test_time_claims_are_instants():
    assert str(Claims(exp=0).instant("exp")) == "1970-01-01T00:00:00Z"
    assert str(Claims(exp=1.5).instant("exp")) == "1970-01-01T00:00:01.500Z"
    assert Claims(exp="soon").instant("exp") is None
    assert Claims().instant("exp") is None
