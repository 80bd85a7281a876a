"""Live rooms: the sessions of a group, how one runs, and who looks after it."""
