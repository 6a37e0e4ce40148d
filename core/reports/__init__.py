"""Reports of a day or a week: composed from what somebody logged, with a word of his own, handed in, and kept as they were then."""
