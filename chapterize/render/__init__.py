"""What is made of media files and chapters: copies with the chapters inside."""
