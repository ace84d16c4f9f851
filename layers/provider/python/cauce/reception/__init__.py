"""Who comes in: the tokens, and each request with its caller and its line in the audit log."""
