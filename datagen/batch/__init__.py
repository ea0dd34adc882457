"""The road by batch: the same queries and the same bytes as the other road, at half the price and in a day."""
