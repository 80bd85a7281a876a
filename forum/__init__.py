"""Common Ground's forum: content and membership. It works, shut, without moderation."""
