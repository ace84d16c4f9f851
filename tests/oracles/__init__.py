"""What others say of our XML: DIAN's own schematron, UBL's schemas, and two verifiers of signatures."""
