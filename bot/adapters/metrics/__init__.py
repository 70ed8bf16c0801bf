"""What Prometheus scrapes: counted in this process, or read from the tables. Of bounded labels only."""
