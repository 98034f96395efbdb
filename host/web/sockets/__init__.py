"""WebSockets with limits: size, number, silence, message format; handshakes that fail are logged.

The messages themselves belong to `adapter_pages`. Read `page_socket.py` first.
"""
