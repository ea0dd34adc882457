"""What a data set says of itself: the card that the Hub shows, and Croissant for programs. Facts in, texts out."""
