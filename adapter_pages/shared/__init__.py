"""What both the agent's and the consumer's page use: messages, their HTML, and updates of a page.

What only one of the two needs belongs to that page's package. Read `messages.py` first.
"""
