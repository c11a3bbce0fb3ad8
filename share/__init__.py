"""What was learnt, and what from, as folders for others: packed with a card, and uploaded when asked."""
