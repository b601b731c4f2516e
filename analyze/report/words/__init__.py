"""Both languages: the catalogues, and how a name or a number is written in them."""
