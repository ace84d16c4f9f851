"""Mails to buyers: the package of an accepted document, by SES."""
