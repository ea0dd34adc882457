"""Prompt folders → Task; Task + ImageContext → the bytes to send. Pure and local: nothing here asks a model."""
