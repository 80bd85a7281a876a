"""Concerns about people: other roles, other rules and another retention than an item of the moderation queue."""
