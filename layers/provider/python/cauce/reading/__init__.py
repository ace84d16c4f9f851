"""What is read of the records: listings, audit, lots' progress, a buyer's files."""
