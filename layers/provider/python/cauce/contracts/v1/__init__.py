"""The HTTP contract: Spanish JSON in and out."""
