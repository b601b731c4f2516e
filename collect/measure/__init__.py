"""What is measured while a network trains. May import: network, store.outcome, images, study, schema, errors."""
