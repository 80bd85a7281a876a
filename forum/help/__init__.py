"""Help from inside: guides from docs/, a practice corner, and what people say about the pages."""
