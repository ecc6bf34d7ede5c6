"""What the tests of secret stores share: short ways to declare stores."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from gateway.secrets.base import SecretsSource
from tests.gateway.scripted import build

KEYS = Path(__file__).parents[2] / "data/keys"


def store(kind: str, **config: Any) -> Any:
    return build({"type": kind, "config": config})


def files(directory: Path, **config: Any) -> Any:
    return store("FileSystemSecretStore", directory=str(directory), **config)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def literal(**secrets: str) -> dict[str, Any]:
    """A Base64EncodedSecretStore; an underscore in a name is a period of the ID."""
    values = {name.replace("_", "."): encoded(text) for name, text in secrets.items()}
    return {"type": "Base64EncodedSecretStore", "config": {"secrets": values}}


async def text_of(source: SecretsSource, secret_id: str) -> str:
    return (await source.password(secret_id)).reveal_text()
