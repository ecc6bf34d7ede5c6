"""The sandbox: an AM-compatible authorization server and the guides' sample application, for development alone.

Nothing in the gateway imports it; `gatewright sandbox`, `gatewright demo` and tests do.
"""

from gateway.sandbox.reading import Problem, SettingsError, parse_settings, read_settings
from gateway.sandbox.sandbox import Sandbox
from gateway.sandbox.settings import SandboxSettings

__all__ = ["Problem", "Sandbox", "SandboxSettings", "SettingsError", "parse_settings", "read_settings"]
