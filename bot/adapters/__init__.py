"""The world outside, one adapter for each port."""
