"""The case store: one DuckDB file a case, opened nowhere else."""
