"""What decorators share: putting something around an object that still is one of its kind, and naming logs."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from config.declaration import Decorator, HeapObject

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

T = TypeVar("T", bound=HeapObject)

Enter = Callable[["Context", "Request"], Awaitable["Response"]]
"""The method `handle` of a handler, and the `next` of a filter."""
Pass = Callable[["Context", "Request", Enter], Awaitable["Response"]]
"""The method `filter` of a filter."""

__all__ = ["Decorator", "Enter", "Pass", "around", "logger_of"]


def around(target: T, **methods: Callable[..., Any]) -> T:
    """An object of the same class that shares all state with the target and does some of its methods differently.

    The methods are attributes of the instance, so a call costs no more than one of the target's own; inside them the
    target is reached through its own methods. References to the target itself stay undecorated.
    """
    made = target.__class__.__new__(target.__class__)
    # Private state is looked up in the target's own, so that what its methods change is seen here as well.
    private = target.__private_attributes__
    public = {name: value for name, value in target.__dict__.items() if name not in private}
    object.__setattr__(made, "__dict__", {**public, **methods})
    object.__setattr__(made, "__pydantic_private__", target.__pydantic_private__)
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_fields_set__", target.__pydantic_fields_set__)
    return made


def logger_of(decorator: Decorator, target_name: str) -> logging.Logger:
    """One logger for each decorated object, so that a user can silence it: TYPE.DECORATOR.OBJECT."""
    return decorator.log.getChild(f"{decorator.object_name or 'inline'}.{target_name or 'handler'}")
