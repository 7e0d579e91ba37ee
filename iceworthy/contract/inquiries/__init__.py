"""Inquiries: experiments that question a quiet target, one file each, found by name."""
