"""The project's own measurements: ratios to a bare route of the same run, printed and kept in docs/performance.md."""
