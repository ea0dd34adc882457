"""What a trial reads, masks and tells; the training itself is in tests/train."""
