"""Pure nouns of the field: requests, identity, deadlines, the data map, the package."""
