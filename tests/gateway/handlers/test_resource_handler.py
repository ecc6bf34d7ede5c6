"""ResourceHandler: files, welcome pages, redirects to the base, and paths that lead nowhere."""

import os

import pytest

from tests.gateway.scripted import run

MODIFIED = 1_700_000_000
DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "site" / "sub").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    for name, text in (("index.html", "<p>home"), ("sub/style.css", "a{}"), ("notes.unheardof", "?")):
        path = tmp_path / "site" / name
        path.write_text(text)
        os.utime(path, (MODIFIED, MODIFIED + 0.5))
    return tmp_path / "site"


def resources(*directories, **config) -> dict:
    return {"type": "ResourceHandler", "config": {"directories": [str(d) for d in directories], **config}}


async def get(handler: dict, path: str, **headers):
    return await run(
        handler, {"uri": f"http://h{path}", "headers": {k.replace("_", "-"): v for k, v in headers.items()}}
    )


async def test_a_file_is_served_with_type_date_and_length(site):
    outcome = await get(resources(site, basePath="/static"), "/static/sub/style.css")
    assert (outcome.status, outcome.text) == (200, "a{}")
    assert outcome.headers == {"Last-Modified": [DATE], "Content-Type": ["text/css"], "Content-Length": ["3"]}


async def test_an_unknown_extension_has_no_type(site):
    assert "Content-Type" not in (await get(resources(site), "/notes.unheardof")).headers


async def test_the_first_directory_that_has_the_file_wins(site, tmp_path):
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "index.html").write_text("first")
    handler = resources(tmp_path / "first", site)
    assert (await get(handler, "/index.html")).text == "first"
    assert (await get(handler, "/sub/style.css")).text == "a{}"


async def test_the_base_with_a_slash_gives_the_first_welcome_page_found(site):
    handler = resources(site, basePath="static/", welcomePages=["welcome.html", "index.html"])
    assert (await get(handler, "/static/")).text == "<p>home"
    assert (await get(resources(site), "/")).status == 404


async def test_the_base_without_a_slash_redirects(site):
    outcome = await get(resources(site, basePath="/static"), "/static?a=b")
    assert (outcome.status, outcome.headers["Location"]) == (302, ["http://h/static/?a=b"])


@pytest.mark.parametrize(
    "path", ["/static/../secret.txt", "/static/%2e%2e/secret.txt", "/static/sub", "/static/none", "/staticx", "/other",
             "/static//index.html", "/static/sub%2F..%2F..%2Fsecret.txt", "/static/a%00b", "/static/leads-out"]
)  # fmt: skip
async def test_what_is_no_file_of_the_directory_is_404(site, path):
    (site / "leads-out").symlink_to(site.parent / "secret.txt")
    outcome = await get(resources(site, basePath="/static"), path)
    assert (outcome.status, outcome.text) == (404, "")


@pytest.mark.parametrize("method", ["POST", "HEAD", "DELETE"])
async def test_other_methods_are_405(site, method):
    outcome = await run(resources(site), {"method": method, "uri": "http://h/index.html"})
    assert (outcome.status, outcome.text) == (405, "")


async def test_a_file_that_did_not_change_is_304(site):
    handler = resources(site)
    assert (await get(handler, "/index.html", If_Modified_Since=DATE)).status == 304
    assert (await get(handler, "/index.html", If_Modified_Since="Tue, 14 Nov 2023 22:13:19 GMT")).status == 200
    assert (await get(handler, "/index.html", If_Modified_Since="yesterday")).status == 200


async def test_a_large_file_comes_in_pieces(site):
    (site / "large.bin").write_bytes(b"x" * 300_000)
    outcome = await get(resources(site), "/large.bin")
    assert outcome.response.entity.raw == b"x" * 300_000
    outcome.response.close()
