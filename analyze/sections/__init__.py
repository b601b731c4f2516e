"""One section of Findings a file.

May import measures, study and inference; of its neighbours, headline and descriptions alone.
"""
