"""The business: documents, money, numbers, records, outcomes. Nothing here touches the network."""
