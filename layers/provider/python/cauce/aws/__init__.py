"""What Cauce keeps in AWS: the table, the archive, the queue, the secrets."""
