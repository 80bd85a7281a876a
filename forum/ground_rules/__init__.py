"""What a group agreed, and the answer of everyone who joins."""
