"""Sockets and the ticker: what happens between requests."""
