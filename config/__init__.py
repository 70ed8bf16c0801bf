"""What the environment says: settings, and the Slack app's manifest."""
