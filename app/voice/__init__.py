"""The telephone: Twilio's webhooks coming in, its REST API going out, and what is said."""
