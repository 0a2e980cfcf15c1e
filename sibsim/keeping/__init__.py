"""Runs that outlast the program: parts that are computed apart, and results that can be looked up and done again."""
