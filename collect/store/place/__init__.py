"""Where bytes lie, in a folder or a bucket; knows no trials. May import: errors, and the names of keys."""
