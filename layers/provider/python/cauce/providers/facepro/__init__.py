"""FacEPro Cloud (CDP Consultores): REST with a bearer token, as seed 002 describes it.

It numbers and signs, takes no reference of ours, and its portal decides the environment: nothing in the API says
whether a token leads to habilitación or to production. ``provider`` and ``calls`` talk; the rest translates, and is
pure.
"""
