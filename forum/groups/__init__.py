"""Groups, their cards, who is in them, who is on duty."""
