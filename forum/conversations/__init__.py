"""Boards, topics and posts: the path of one post."""
