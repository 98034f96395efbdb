"""The CRM's own pages. They work without JavaScript and without cookies, so in any frame, too."""
