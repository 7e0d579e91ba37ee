"""Iceworthy judges whether an Iceberg REST catalog is fit for production."""

__version__ = "0.1.0"
