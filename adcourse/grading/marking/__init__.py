"""The teacher's side of grading: what was handed in, run, judged, entered in the gradebook, and told to everybody.

The instant check in a student's notebook never imports anything from here.
"""

import sys

# nbformat and nbgrader import jsonschema, which, where it finds this package, spends two seconds of each start on a
# parser of international URIs. Nothing here has any to check, so to us it is not there.
sys.modules.setdefault("rfc3987_syntax", None)
