"""The road by batch: each way in which a batch can go wrong, made on purpose, and each step killed."""
