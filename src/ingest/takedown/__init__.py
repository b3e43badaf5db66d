"""Removing for good: takedowns of articles and stories, retention, and the audit log of both."""
