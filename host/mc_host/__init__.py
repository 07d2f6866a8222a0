"""A lean host for Mission Control plugins."""

VERSION = "0.1.0"
