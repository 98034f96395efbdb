"""A WebSocket made safe: bounded, checked, closed when it is silent; handshakes that come to nothing are counted.

What is said over it belongs to `adapter_pages`. Read `page_socket.py` first.
"""
