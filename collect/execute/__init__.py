"""Where trials run. May import: engine, measure, network, store, images, study, schema, errors."""
