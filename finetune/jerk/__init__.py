"""Just Enough Retained Knowledge: sequences of combos that are found, replayed and changed."""
