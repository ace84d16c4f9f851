"""The business: documents, money, numbers, records, outcomes. Nothing here calls the network or AWS."""
