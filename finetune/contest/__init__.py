"""The Retro Contest's protocol: learn on one unseen act, and be scored all the while."""
