"""Benchmarks: a stub AWS with a latency, a fleet whose truth is known, and the real `trailwarden audit` over it."""
