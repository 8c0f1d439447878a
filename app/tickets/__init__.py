"""A ticket system hears of each case by signed webhook: what was written, in order, each once by its key."""

from app.tickets.webhook import WebhookTickets, schema

__all__ = ["WebhookTickets", "schema"]
