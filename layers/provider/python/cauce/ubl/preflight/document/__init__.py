"""What can be known of a request: checks on the document of the domain, its issuer and its range."""
