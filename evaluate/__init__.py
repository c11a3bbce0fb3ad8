"""Scores: every player on every act, with intervals; a table, a report to open, and videos."""
