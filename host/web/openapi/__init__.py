"""The OpenAPI 3.1 document of the platform API and of `/api/crm`, made from what their routes declare.

It holds no text of its own about an operation: that stands where the operation is. Read `document.py` first.
"""
