"""How a stack of trials trains, on one device. May import: measure, network, store, images, study, schema, errors."""
