"""What to stop and freeze of the money of a case, whom that would hurt, and what goes back to whom."""
