"""Keeps our numbering ranges as providers and DIAN tell them."""
