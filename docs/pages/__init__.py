"""The generated pages of the documentation, one module per subject; each page is a function that returns its text."""
