"""The starter CRM's pages. They work without JavaScript and cookies, so in any frame too. Read `views.py` first."""
