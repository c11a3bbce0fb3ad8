"""What every room may use and no room should write again: whole files, checked JSON, "did you mean". Nothing else."""
