"""Sale events: taken in durably, put right, kept; the PLU master; the link to the till."""
