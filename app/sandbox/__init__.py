"""A telephone exchange of our own that speaks Twilio's protocol, for tests, demonstrations and first
meetings.
"""
