"""Imported by the command line alone: a pretend AWS, and a local Slack workspace with its page."""
