"""Training data → folders that trainers load: exports in any shape, and conversions between shapes. Sends nothing."""
