"""What one must know of a customer before one speaks with him, gathered from all rooms; it keeps nothing of its own."""
