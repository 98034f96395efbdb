"""What the agent's and the consumer's page share: messages, their HTML, and page updates.

What only one of them needs belongs to that page's package. Read `messages.py` first.
"""
