"""Jinja templates and the stylesheet of the report. They hold no computation."""
