"""Mail: every refusal, promise and closure in writing (clause A7), in the reader's language.

``compose`` writes a letter as text and HTML; ``SmtpMail`` hands it to a server,
``AppriseChat`` tells it by chat.
"""

from app.mail.chat import AppriseChat
from app.mail.letters import compose
from app.mail.smtp import SmtpMail

__all__ = ["AppriseChat", "SmtpMail", "compose"]
