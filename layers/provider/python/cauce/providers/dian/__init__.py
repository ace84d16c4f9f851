"""DIAN itself, without a provider in between: documents built, identified, signed and sent by Cauce."""
