"""What became of a record that may have arrived: asking, settling, contingency, looks."""
