"""Somebody plays an act, a movie is written: the search player now, a person in a window next."""
