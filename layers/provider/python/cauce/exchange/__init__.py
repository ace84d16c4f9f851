"""What passes between a record and its provider: an attempt, a question, and what is done while DIAN is out."""
