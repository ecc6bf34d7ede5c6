"""The version of the distribution, read by the build and by `gatewright --version`."""

VERSION = "0.1.0"
