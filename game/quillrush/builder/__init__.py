"""The builders of Quillrush: art, acts, C tables, start states."""
