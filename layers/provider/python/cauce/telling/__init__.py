"""Tells an issuer what is news: read as a feed, or pushed to its endpoints."""
