"""What trainers do with broken records: the records, what really happened to each, and whether we say the same."""
