"""What leaves the house: an HTML file, an overview workbook, every table in full. All words come from `messages`."""
