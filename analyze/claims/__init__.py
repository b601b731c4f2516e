"""What papers claim, judged by rules declared before the data: a question's claims are one file.

May import sections and everything that sections may.
"""
