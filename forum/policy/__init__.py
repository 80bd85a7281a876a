"""Who may do and see what. An outsider can audit these few files."""
