"""One chat in several processes or machines, by way of Redis.

The default has none of this: a chat in one process does not import it.
"""
