"""The providers that take documents to DIAN, and DIAN itself: a package for each, and what they share."""
