"""Strict stand-ins for the providers, spoken to over real HTTP. They live in tests and are never deployed.

A simulator refuses what the real service documents as wrong and answers its documented errors; it can
also lose an answer, stall, throttle, block a queue and return HTML.
One alone: `python -m tests.simulators <name>`.
"""
