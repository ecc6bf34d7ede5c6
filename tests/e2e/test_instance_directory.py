"""An instance directory, laid out as documented, served by a real process."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any

import aiohttp

from gateway.server.self_signed import self_signed
from tests.canaries import canary, wrote
from tests.e2e.processes import Process, free_port, gatewright

HELLO = {"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "hello"}}}


def write(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = document if isinstance(document, str) else json.dumps(document)
    # A reload must never see half a file, as an editor's save would not show it either.
    partial = path.with_suffix(".partial")
    partial.write_text(text, "utf-8")
    partial.replace(path)


async def get(url: str, **options: Any) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url, **options) as answer:
        return answer.status, await answer.text()


def http(gateway: Process, path: str = "/") -> str:
    return f"http://127.0.0.1:{gateway.port}{path}"


async def test_the_directory_of_the_environment_is_served_when_none_is_named(tmp_path: Path) -> None:
    write(tmp_path / "config/routes/hello.json", HELLO)
    async with gatewright(env={"IG_INSTANCE_DIR": str(tmp_path)}, https=False) as gateway:
        assert await get(http(gateway)) == (200, "hello")


async def test_the_default_directory_is_in_the_home_directory(tmp_path: Path) -> None:
    write(tmp_path / ".openig/config/routes/hello.json", HELLO)
    env = {"HOME": str(tmp_path), "IG_INSTANCE_DIR": ""}
    async with gatewright(env=env, https=False) as gateway:
        assert await get(http(gateway)) == (200, "hello")


async def test_a_directory_without_files_has_the_default_configuration(tmp_path: Path) -> None:
    async with gatewright(tmp_path, https=False) as gateway:
        status, text = await get(http(gateway))
        assert (status, "<html" in text.lower()) == (200, True)
        assert await get(http(gateway, "/other")) == (404, "")


async def test_objects_and_properties_of_config_json_are_seen_by_routes(tmp_path: Path) -> None:
    write(
        tmp_path / "config/config.json",
        {
            "properties": {"greeting": "hi"},
            "heap": [{"name": "Answer", **HELLO["handler"]}],
            "handler": {"type": "Router"},
        },
    )
    write(tmp_path / "config/routes/10-heap.json", {"condition": "${request.uri.path == '/heap'}", "handler": "Answer"})
    write(
        tmp_path / "config/routes/20-property.json",
        {"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "&{greeting} ${greeting}"}}},
    )
    async with gatewright(tmp_path, https=False) as gateway:
        assert await get(http(gateway, "/heap")) == (200, "hello")
        assert await get(http(gateway, "/property")) == (200, "hi hi")


async def test_tls_of_admin_json_comes_from_pem_files(tmp_path: Path) -> None:
    """The documented set-up for HTTPS with PEM files."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    made = self_signed(secrets)
    pem = secrets / "key.manager.secret.id.pem"
    pem.write_bytes(made.key.read_bytes() + made.certificate.read_bytes())
    tls_port = free_port()
    key_manager = {"signingSecretId": "key.manager.secret.id", "secretsProvider": "ServerIdentityStore"}
    mappings = [{"secretId": "key.manager.secret.id", "format": {"type": "PemPropertyFormat"}}]
    store = {"format": "PLAIN", "directory": str(secrets), "suffix": ".pem", "mappings": mappings}
    write(
        tmp_path / "config/admin.json",
        {
            "connectors": [{"port": 8080}, {"port": tls_port, "tls": "ServerTlsOptions-1"}],
            "heap": [
                {
                    "name": "ServerTlsOptions-1",
                    "type": "ServerTlsOptions",
                    "config": {"keyManager": {"type": "SecretsKeyManager", "config": key_manager}},
                },
                {"name": "ServerIdentityStore", "type": "FileSystemSecretStore", "config": store},
            ],
        },
    )
    write(tmp_path / "config/routes/hello.json", HELLO)
    trust = ssl.create_default_context(cafile=str(made.certificate))
    async with gatewright(tmp_path, https=False) as gateway:
        assert await get(http(gateway)) == (200, "hello")
        url = f"https://localhost:{tls_port}/"
        assert await get(url, ssl=trust) == (200, "hello")


async def test_routes_are_added_changed_and_removed_while_the_gateway_runs(tmp_path: Path) -> None:
    router = {"type": "Router", "config": {"scanInterval": "20 ms", "directory": str(tmp_path / "config/routes")}}
    write(tmp_path / "config/config.json", {"handler": router})
    route = tmp_path / "config/routes/hello.json"
    route.parent.mkdir()
    async with gatewright(tmp_path, https=False) as gateway:
        assert (await get(http(gateway)))[0] == 404
        write(route, HELLO)
        await gateway.line("Loaded the route with id 'hello' registered with the name 'hello'")
        assert await get(http(gateway)) == (200, "hello")
        write(route, '{"handler": "Nothing"}')
        await gateway.line("An error occurred while building the route with the name 'hello'")
        assert await get(http(gateway)) == (200, "hello")
        route.unlink()
        await gateway.line("Removed the route with id 'hello'")
        assert (await get(http(gateway)))[0] == 404


async def test_a_configuration_that_cannot_be_built_is_explained_and_ends_the_start(tmp_path: Path) -> None:
    import asyncio
    import sys

    secret = canary("property")
    write(tmp_path / "config/config.json", f'{{"properties": {{"db.password": "{secret}"}}, "handler": "Missing"}}')
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "run", str(tmp_path), stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    wrote("stderr of a start that failed", err)
    assert process.returncode == 2
    assert 'no object is named "Missing"' in err.decode()
    assert '"db.password": "***"' in err.decode()
    assert "Traceback" not in err.decode()


async def test_yaml_files_mean_the_same_configuration(tmp_path: Path) -> None:
    write(tmp_path / "config/config.yaml", "properties:\n  greeting: hi\nhandler:\n  type: Router\n")
    write(
        tmp_path / "config/routes/hello.yaml",
        "handler:\n  type: StaticResponseHandler\n  config:\n    status: 200\n    entity: ${greeting}\n",
    )
    async with gatewright(tmp_path, https=False) as gateway:
        assert await get(http(gateway)) == (200, "hi")


async def test_a_changed_properties_file_loads_its_routes_anew(tmp_path: Path) -> None:
    router = {"type": "Router", "config": {"scanInterval": "20 ms", "directory": str(tmp_path / "config/routes")}}
    write(tmp_path / "config/config.json", {"handler": router})
    values = tmp_path / "values.json"
    write(values, {"greeting": "one"})
    route = {"status": 200, "entity": "&{greeting}"}
    write(
        tmp_path / "config/routes/hello.json",
        {
            "properties": {"$location:values": str(values)},
            "handler": {"type": "StaticResponseHandler", "config": route},
        },
    )
    async with gatewright(tmp_path, https=False) as gateway:
        assert await get(http(gateway)) == (200, "one")
        loaded = len(gateway.lines)
        write(values, {"greeting": "three"})
        await gateway.line("Loaded the route with id 'hello'", after=loaded)
        assert await get(http(gateway)) == (200, "three")


async def test_large_bodies_wait_in_the_temporary_directory_of_admin_json(tmp_path: Path) -> None:
    """The directory is made when it is needed; a body that does not fit in memory is read from it."""
    kept = tmp_path / "kept" / "bodies"
    write(tmp_path / "config/admin.json", {"connectors": [{"port": 8080}], "temporaryDirectory": str(kept)})
    length = {"status": 200, "entity": "${length(request.entity.string)}-"}
    write(tmp_path / "config/routes/length.json", {"handler": {"type": "StaticResponseHandler", "config": length}})
    async with gatewright(tmp_path, https=False) as gateway, aiohttp.ClientSession() as session:
        assert not kept.exists()
        async with session.post(http(gateway), data=b"x" * 200_000) as answer:
            assert (answer.status, await answer.text()) == (200, "200000-")
        assert kept.is_dir()
