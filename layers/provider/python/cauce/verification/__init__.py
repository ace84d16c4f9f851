"""A file of DIAN's, ours or anybody's, examined offline: its signature, its identifier, its sums, DIAN's rules.

``verify`` is where to begin. What it cannot know without a network, roots or secrets it says; it never assumes it.
"""
