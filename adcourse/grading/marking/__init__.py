"""The teacher's side of grading: what was handed in, run, judged, entered in the gradebook, and told to everybody.

The instant check in a student's notebook never imports anything from here.
"""
