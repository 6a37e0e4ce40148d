"""Terms that somebody agreed with a customer, kept in his name with the facts that were shown to him then."""
