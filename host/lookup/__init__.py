"""Links that lead to a CRM's pages without its API: custom lookup URLs, the display page, what may show in a frame.

Nothing of what is built here is stored: links hold personal data. Requests to the CRM's API don't belong here. Read
`custom_url.py` first.
"""
