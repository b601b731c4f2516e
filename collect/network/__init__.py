"""What is trained: networks of K trials side by side. May import: study, schema, errors."""
