"""Duanka (断卡): from raw payment records to an exact ledger, its lineage, and what follows from it."""
