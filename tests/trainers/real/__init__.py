"""One module for each trainer: how its own loader is fetched from a checkout and shown a record. None of its code."""
