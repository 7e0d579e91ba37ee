"""Drivers: experiments that steer the target step by step instead of by the clock."""
