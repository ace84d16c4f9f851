"""FacEPro Cloud (CDP Consultores): REST with a bearer token, as seed 002 describes it.

FacEPro numbers and signs, and takes no reference of ours. Its portal decides the environment: nothing in the API says
whether a token leads to habilitación or to production. ``provider`` and ``calls`` talk; the rest is pure.
"""
