"""A run or a file of training data, looked at in a browser: 127.0.0.1 only, read-only but for a person's verdicts."""
