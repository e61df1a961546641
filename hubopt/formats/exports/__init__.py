"""What hubopt writes for other tools: spreadsheets, layers for geographic tools, networks, and the program itself."""
