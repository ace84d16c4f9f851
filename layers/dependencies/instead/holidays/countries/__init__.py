"""Of the countries, the layer keeps Colombia: the package imports every one here."""
