"""What people, teams and branches got done in a period: contacts, visits, quotes, wins; each figure opens its records."""
