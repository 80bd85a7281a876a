"""Words that come with the product: crisis lines, a first set of ground rules, demonstration groups."""
