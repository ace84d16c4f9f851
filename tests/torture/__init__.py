"""Torture: thousands of documents in simulated time, while everything goes wrong that can; then all records are checked.

One episode is a world of its own: moto for the table, the bucket and the secrets, every provider's strict simulator,
the functions' own handlers in containers that die, queues that repeat, lose and reorder messages, ERPs that post
again, send lots, ask and correct. Episodes are independent and in each only one thread runs at a time, so a seed
repeats an episode exactly, down to the line at which a container is killed.

``timeline`` simulated time, and which task runs; ``chaos`` what goes wrong, and how often; ``effects`` every call of a
container to AWS and to providers; ``network`` between containers and simulators, ``outages`` when a provider is out;
``queue`` and ``intake`` SQS; ``houses`` the issuers and their providers; ``erp`` the ERPs that post single documents,
``bulk`` those that send lots; ``persons`` the persons who decide on documents in doubt; ``watch`` checks every write of
a record, ``calls`` every call to a provider, ``breakers`` which breakers are open, ``turns`` how long records wait for
their look; ``verdict`` checks everything at the end; ``radian`` an issuer of events at DIAN; ``episode`` one world from
beginning to end; ``__main__`` runs many episodes.
"""
