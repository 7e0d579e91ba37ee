"""Inquiries: what an experiment asks a quiet target, one file each, found by name."""
