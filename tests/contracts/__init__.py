"""What every member of a family must hold to: one suite per family, one row of facts per member."""
