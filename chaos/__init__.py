"""What breaks: one fault a file, one experiment a file, drivers for what timing alone cannot hit."""
