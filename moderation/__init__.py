"""Judgement about content and people. It may use the forum; the forum never uses it."""
