"""Torture: thousands of documents through everything that can go wrong, in simulated time, and then the count.

One episode is a world of its own: moto for the table, the bucket and the secrets, every provider's strict simulator,
the functions' own handlers in containers that die, queues that repeat, lose and reorder, ERPs that post again, send
lots, ask and correct. Episodes are independent and one thread runs at a time in each, so a seed is a run: the same seed,
the same kills at the same lines.

``timeline`` what time is and whose turn it is; ``chaos`` what goes wrong, how often; ``effects`` where a container
touches the world; ``network`` between containers and simulators, ``outages`` when one of these is out for a while;
``queue`` and ``intake`` SQS; ``houses`` the issuers and their providers; ``erp`` who posts, ``bulk`` who sends many at
once; ``watch`` what must never happen, ``calls`` what must never leave for a provider, ``breakers`` whose is open;
``verdict`` what must hold at the end; ``episode`` one world from beginning to end; ``__main__`` all of them.
"""
