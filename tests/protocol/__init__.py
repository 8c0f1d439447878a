"""What the telephone company publishes about its protocol, and whether we keep to it.

Independent of app/sandbox on purpose: the exchange we wrote must not be the
only judge of the requests and documents that we send.
"""
