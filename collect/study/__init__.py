"""What is asked: settings, trials, studies and how they are dealt out. No torch. May import: schema, errors."""
