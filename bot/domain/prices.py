"""What CloudTrail costs beyond the first copy of management events, in words. Source: AWS CloudTrail pricing."""

DATA_EVENTS = "$0.10 per 100,000 events, and no copy is free"
INSIGHTS = "$0.35 per 100,000 events analysed, for each of the two kinds"
"""Source of what is analysed: user guide, "Costs for Insights events": a write twice, a read once."""
