"""Takes documents, events and lots in: from a request to a stored record."""
