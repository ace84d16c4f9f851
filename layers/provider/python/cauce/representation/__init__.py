"""The graphic representation of a document: what a person reads and prints, drawn where its provider draws none."""
