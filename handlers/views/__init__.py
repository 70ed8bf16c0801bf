"""Pure: from a domain object to a message. No Slack call, no clock."""
