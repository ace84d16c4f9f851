"""What is read of the records: listings, reconciliation with the providers, lots' progress, a buyer's files."""
