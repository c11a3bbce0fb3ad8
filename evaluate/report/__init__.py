"""The HTML report: one page made of sections, charts and curves."""
