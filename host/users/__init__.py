"""People who use the host: who they are, their status, their sign-ins.

End users (consumers) don't belong here, nor does anything that knows HTTP.
"""
