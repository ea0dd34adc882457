"""T: what each trainer would do with a record. One module for each trainer; none knows another."""
