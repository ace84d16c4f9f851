"""What a document costs on AWS, and what has to be raised as volume grows: ``make cost`` writes docs/COSTS.md.

``played`` emits documents and counts what they ask of AWS, ``prices.toml`` has the prices and what is assumed,
``priced`` multiplies, ``page`` writes.
"""
