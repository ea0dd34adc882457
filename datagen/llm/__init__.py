"""Request → Response. The only wing that waits, uses the network or spends money; it knows no files and no images."""
