"""The recorder's window: what a person sees, hears and presses."""
