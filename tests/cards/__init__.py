"""What a data set says of itself."""
