"""Runs that other tools keep, one file a format, made into the tables of a study.

A format reads what it recognises into `run.Run`; everything after that is `tables`. Libraries of the tools are extras
of this project, imported where they are needed. May import errors and what `study` may.
"""
