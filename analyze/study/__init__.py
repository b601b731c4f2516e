"""Tables of ours or of anybody's, made into validated tables with their question.

May import findings, inference and errors; of collect, the schema alone.
"""
