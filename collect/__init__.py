"""Runs factorial training studies and stores one tidy row per trial."""
