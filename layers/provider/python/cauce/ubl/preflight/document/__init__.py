"""Checks of a request: of the domain's document, its issuer and its range."""
