"""What is unfinished is brought to an end: looks, a person's decisions, dead letters."""
