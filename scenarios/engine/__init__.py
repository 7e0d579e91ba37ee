"""The load engine: 1,000 and more sessions on an open schedule, each request sent once."""
