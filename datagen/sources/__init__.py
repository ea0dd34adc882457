"""Files of JSON, found and read front to back in slices. It knows bytes, JSON and places, and nothing of what stands
there: annotations and training data are read through it alike."""
