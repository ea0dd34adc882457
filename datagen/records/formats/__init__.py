"""The shapes of records that trainers read: each a pure function from what all of them speak of, and one way back."""
