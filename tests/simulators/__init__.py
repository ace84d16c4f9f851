"""Strict simulators of the providers, called over real HTTP. Only tests use them; they are never deployed.

A simulator refuses what the real service documents as wrong, and answers its documented errors. A test may also
order faults from it: a lost answer, a stall, a throttle, a blocked queue, HTML.
One alone: `python -m tests.simulators <name>`.
"""
