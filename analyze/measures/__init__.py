"""One number for each trial: a response, a time to a target, the shape of a curve. May import study and inference."""
