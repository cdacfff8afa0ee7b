"""The revisions. A file that has been released is never changed: what it made stands in databases."""
