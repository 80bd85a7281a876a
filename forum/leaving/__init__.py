"""Taking leave: words taken back, groups left, a sign-in ended, a copy to take along, and undoing each of these."""
