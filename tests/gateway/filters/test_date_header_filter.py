"""DateHeaderFilter: a date where there is none."""

from email.utils import parsedate_to_datetime

from tests.gateway.scripted import answer, run


async def test_a_response_without_a_date_gets_one():
    (date,) = (await run({"type": "DateHeaderFilter"})).headers["Date"]
    assert date.endswith(" GMT")
    assert parsedate_to_datetime(date).utcoffset().total_seconds() == 0


async def test_a_date_that_is_there_stays():
    outcome = await run({"type": "DateHeaderFilter"}, next=answer(headers={"date": "yesterday"}))
    assert outcome.headers == {"date": ["yesterday"]}
