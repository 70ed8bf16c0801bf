"""Trailwarden: keeps AWS CloudTrail on, in every region of every account."""
