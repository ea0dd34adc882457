"""One page that tells of a run or a file: what came of it, what it cost, what the data is like. Needs no network."""
