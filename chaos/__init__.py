"""What breaks: one fault a file, one experiment a file, drivers for what no clock can hit."""
