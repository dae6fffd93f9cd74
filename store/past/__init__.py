"""What was before watching began: recordings and older copies of a store, told as the events they imply."""
