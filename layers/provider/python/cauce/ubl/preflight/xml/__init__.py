"""What can be known of a file: checks on UBL, whoever wrote it. Elements are named as in the annex."""
