"""Published benchmark formats in; other tools' formats out."""
