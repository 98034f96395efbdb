"""What crosses frames and sockets.

Standard library only, and in the Python that MicroPython knows: the browser loads the same files
under the same names. No server logic belongs here.
"""
