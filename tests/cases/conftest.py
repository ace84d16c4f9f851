"""The stack of the flow tests, for requests that real users stumbled over."""

from tests.flow.conftest import call, clock, drain, gateway, resources

__all__ = ["call", "clock", "drain", "gateway", "resources"]
