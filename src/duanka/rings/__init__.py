"""From evidence to rings: who works together, on which tier, in what role, for what commission; and a seized ledger."""
