"""What the CRM keeps: tables, field rules, and reading and writing them. No HTTP belongs here."""
