"""Everything that speaks HTTP for all pages: errors, headers, cookies, sign-in, health.

Pages of one product part (adapters, consumer, shell) don't belong here.
"""
