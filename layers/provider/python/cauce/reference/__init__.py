"""The pages that explain the contract to people, made of its description and of DIAN's rules."""
