"""The fixtures of the flow tests, for requests that real users had trouble with."""

from tests.flow.conftest import call, clock, drain, gateway, patience, resources

__all__ = ["call", "clock", "drain", "gateway", "patience", "resources"]
