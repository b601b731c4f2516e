"""One section of Findings a file.

May import measures, study and inference; of its neighbours mean, decision and descriptions alone. Further responses
have what test accuracy has, and import cells and effects too.
"""
