"""What people are told: the outbox, mails, answers, reports."""
