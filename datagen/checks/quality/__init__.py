"""Q: what only shows when a file's records are looked at together, and what a model that got stuck leaves behind."""
