"""What became of a record that may have arrived: looks, questions, contingency, decisions, dead letters."""
