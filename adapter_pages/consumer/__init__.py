"""`/consumer/`: the form that starts a chat, the conversation, and the consumer's socket.

The agents' page belongs to `adapter_pages.agent`. Read `views.py` first.
"""
