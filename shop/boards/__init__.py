"""What the county and its treasurer see: a month in figures, and the books."""
